const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago something was, in words: "2 minutes ago", "yesterday", "just now". */
export function timeAgo(iso: string, now: number): string {
  // The server's clock may be ahead of the browser's. Whole units only: after 59 minutes comes an hour, and not 60.
  return relative(Math.min(0, secondsUntil(iso, now)), Math.trunc) ?? "just now";
}

/** When something will be, in words: "in 3 days", "tomorrow". */
export function timeFromNow(iso: string, now: number = Date.now()): string {
  return relative(secondsUntil(iso, now), Math.round) ?? "now";
}

function secondsUntil(iso: string, now: number): number {
  return (new Date(iso).getTime() - now) / 1000;
}

function relative(seconds: number, whole: (count: number) => number): string | null {
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  return step ? RELATIVE.format(whole(seconds / step[1]), step[0]) : null;
}

/** A duration for a person: "40 ms", "0.4 s", "12 s", "3 min 5 s". */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.1) return `${Math.ceil(seconds * 1000)} ms`;
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}

/** A guess of a duration, no more exact than it is: "5 seconds", "3 minutes", "2 hours". */
export function roughDuration(seconds: number): string {
  const [count, unit]: [number, string] =
    seconds < 50
      ? [seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10, "second"]
      : seconds < 3000
        ? [Math.round(seconds / 60), "minute"]
        : [Math.round(seconds / 3600), "hour"];
  return `${Math.max(1, count)} ${unit}${count > 1 ? "s" : ""}`;
}
