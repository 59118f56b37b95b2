import { useEffect, useRef } from "react";

import type { LeftAlone } from "@/jobs/labels";
import styles from "@/jobs/LeftAloneNote.module.css";
import { Button } from "@/ui/Button";

interface LeftAloneNoteProps {
  left: LeftAlone;
  isBusy: boolean;
  onTakeAlong: () => void;
  onLeave: () => void;
}

/** What an undo or redo left alone because people had changed it, and the choice to take it along. */
export function LeftAloneNote({ left, isBusy, onTakeAlong, onLeave }: LeftAloneNoteProps) {
  const note = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that was pressed is gone; the next stops by keyboard are the two below.
    const { activeElement, body } = document;
    if (activeElement === body || activeElement === note.current?.closest("article")) note.current?.focus();
  }, [left]);
  return (
    <div ref={note} tabIndex={-1} className={styles.note} role="group" aria-label="What was left alone">
      <p role="alert">{left.sentence}</p>
      <div className={styles.choice}>
        <Button small disabled={isBusy} onClick={onTakeAlong}>
          {left.offer}
        </Button>
        <Button small look="quiet" disabled={isBusy} onClick={onLeave}>
          Leave it so
        </Button>
      </div>
    </div>
  );
}
