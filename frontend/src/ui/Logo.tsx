/** The mark of the product: a frame being drawn, and the hand that draws it. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect x="1" y="1" width="30" height="30" rx="9" fill="#1d5c4d" />
      <path
        d="M8.5 20.5c-.6-4.2.1-8.3.9-11.3 4.3-.8 8.9-.6 12.9 0 .7 3.6.8 6.3.3 9.2"
        fill="none"
        stroke="#f7f4ec"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
      <path
        d="M14.5 15l8.8 3.4-3.9 1.7-1.6 4z"
        fill="#f2b84b"
        stroke="#f2b84b"
        strokeWidth="1.6"
        strokeLinejoin="round"
      />
    </svg>
  );
}
