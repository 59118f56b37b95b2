/** The mark of the product: a frame being drawn, and the hand that draws it. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect x="1" y="1" width="30" height="30" rx="9" fill="#1d5c4d" />
      <path
        d="M8.500 20.500c-.6-4.200.1-8.300.9-11.300 4.300-.8 8.900-.6 12.900 0 .7 3.600.8 6.300.3 9.200"
        fill="none"
        stroke="#f7f4ec"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <path
        d="M14.500 15l8.800 3.400-3.900 1.700-1.600 4z"
        fill="#f2b84b"
        stroke="#f2b84b"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
    </svg>
  );
}
