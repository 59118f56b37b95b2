import { timeAgo } from "@/lib/time";
import { useNow } from "@/ui/useNow";

const TICK_MS = 60_000;

/** How long ago something was, kept true while it is looked at. */
export function TimeAgo({ at }: { at: string }) {
  const now = useNow(true, TICK_MS);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString("en")}>
      {timeAgo(at, now)}
    </time>
  );
}
