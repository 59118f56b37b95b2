import { useId, useLayoutEffect, useRef } from "react";
import type { ReactNode } from "react";

import { Button } from "@/ui/Button";
import styles from "@/ui/Dialog.module.css";
import { Icon } from "@/ui/Icon";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal window over the page; it is open as long as it is rendered. Escape and a click beside it close it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the element goes, so that closing gives the focus back to what opened it.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    // When what had the focus goes, keys are pressed on the page itself, and the drawing behind would take them.
    const keepFromDrawing = (event: KeyboardEvent) => {
      if (!dialog?.contains(event.target as Node)) event.stopPropagation();
    };
    window.addEventListener("keydown", keepFromDrawing, { capture: true });
    return () => {
      window.removeEventListener("keydown", keepFromDrawing, { capture: true });
      dialog?.close();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
      // The drawing behind the window listens to the whole document; keys typed here are not meant for it.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className={styles.head}>
        <h2 id={titleId}>{title}</h2>
        <Button look="quiet" icon aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </Button>
      </div>
      <div className={styles.body}>{children}</div>
    </dialog>
  );
}
