/** What the product does, in one small drawing: a sentence becomes boxes. Purely decorative. */
export function SignInSketch({ className }: { className: string | undefined }) {
  return (
    <svg className={className} viewBox="0 0 440 120" fill="none" aria-hidden="true">
      <g stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round">
        <path
          d="M8 38c-1 17-1 34 1 50 31 3 63 2 95 0 2-17 2-34 0-51-32-2-64-2-96 1z"
          fill="var(--accent-soft)"
        />
        <path d="M114 63c13-3 26-3 40-1m-9-7l10 7-9 8" />
        <path
          d="M166 36c-2 18-1 35 1 52 36 2 72 2 108 0 2-17 1-34 0-51-36-3-72-3-109-1z"
          fill="var(--spark-soft)"
        />
        <path d="M285 63c13-2 27-2 41 0m-9-8l10 8-10 7" />
        <path d="M338 61c0-33 94-34 94 1 0 34-94 34-94-1z" fill="var(--info-soft)" />
      </g>
      <g fill="currentColor" fontFamily="var(--font)" fontSize="15" fontWeight="560" textAnchor="middle">
        <text x="56" y="68">
          Say it
        </text>
        <text x="221" y="68">
          See it drawn
        </text>
        <text x="385" y="67">
          Edit it
        </text>
      </g>
    </svg>
  );
}
