import { useEffect, useState } from "react";

import styles from "@/ui/ErrorNote.module.css";

interface ErrorNoteProps {
  error: (Error & { retryAfter?: number | null }) | null;
}

/** What went wrong, read out at once; with the wait ticking down where the server named one. */
export function ErrorNote({ error }: ErrorNoteProps) {
  if (!error) return null;
  return (
    <p role="alert" className={styles.note}>
      {error.retryAfter ? (
        <WaitNote key={error.message} message={error.message} seconds={error.retryAfter} />
      ) : (
        error.message
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
  return <>{left > 0 ? `${sentence} Try again in ${left} s.` : `${sentence} You can try again now.`}</>;
}
