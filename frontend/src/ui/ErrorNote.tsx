import { useEffect, useState } from "react";

import { Button } from "@/ui/Button";
import styles from "@/ui/ErrorNote.module.css";

interface ErrorNoteProps {
  error: (Error & { retryAfter?: number | null }) | null;
  /** Asks again for what could not be had. */
  onRetry?: () => void;
}

/** What went wrong, read out at once; with the wait ticking down where the server named one. */
export function ErrorNote({ error, onRetry }: ErrorNoteProps) {
  if (!error) return null;
  return (
    <p role="alert" className={styles.note}>
      {error.retryAfter ? (
        <WaitNote key={error.message} message={error.message} seconds={error.retryAfter} />
      ) : (
        error.message
      )}
      {onRetry && (
        <Button small className={styles.retry} onClick={onRetry}>
          Try again
        </Button>
      )}
    </p>
  );
}

function WaitNote({ message, seconds }: { message: string; seconds: number }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, []);
  const sentence = message.replace(/\s*Try again in [^.]*\./u, "");
  if (left === 0) return <>{sentence} You can try again now.</>;
  const ticks = left < seconds;
  // Whoever has it read out hears once how long it is, and not again with each second.
  return (
    <>
      {sentence} <span className={ticks ? styles.spoken : undefined}>Try again in {seconds} s.</span>
      {ticks && <span aria-hidden="true">Try again in {left} s.</span>}
    </>
  );
}
