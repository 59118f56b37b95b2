import { useStore } from "zustand";

import { outlineOf } from "@/canvas/outline";
import styles from "@/canvas/OutlineDialog.module.css";
import type { CanvasSession } from "@/canvas/session";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** The drawing as a list of words; choosing an entry shows it on the canvas. */
export function OutlineDialog({ session, onClose }: { session: CanvasSession; onClose: () => void }) {
  // The drawing lives in the editor; its revision only says when to look again.
  useStore(session.store, (state) => state.drawingRevision);
  const entries = outlineOf(session.getElements());
  return (
    <Dialog title="Outline" onClose={onClose}>
      {entries.length === 0 && <p className={styles.empty}>Nothing is drawn yet.</p>}
      <ul className={styles.list} aria-label="Objects on the canvas">
        {entries.map((entry) => (
          <li key={entry.id}>
            <Button
              look="quiet"
              className={styles.entry}
              onClick={() => {
                onClose();
                session.show([entry.id], { select: true });
              }}
            >
              <span className={styles.kind}>{entry.kind}</span>
              <span className={styles.text}>{entry.text || "without text"}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
