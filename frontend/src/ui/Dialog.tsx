import { useId, useLayoutEffect, useRef } from "react";
import type { ReactNode } from "react";

import { Button } from "@/ui/Button";
import styles from "@/ui/Dialog.module.css";
import { Icon } from "@/ui/Icon";
import { hostNotices } from "@/ui/notices";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal window over the page; it is open as long as it is rendered. Escape and a click beside it close it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const isPressedBeside = useRef(false);
  const titleId = useId();
  // Before the element goes, so that closing gives the focus back to what opened it.
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    hostNotices(dialog);
    // When what had the focus goes, keys are pressed on the page itself, and the drawing behind would take them.
    const keepFromDrawing = (event: KeyboardEvent) => {
      if (!dialog?.contains(event.target as Node)) event.stopPropagation();
    };
    window.addEventListener("keydown", keepFromDrawing, { capture: true });
    return () => {
      window.removeEventListener("keydown", keepFromDrawing, { capture: true });
      hostNotices(null);
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
      onPointerDown={(event) => {
        isPressedBeside.current = event.target === ref.current;
      }}
      onClick={(event) => {
        // A drag that began inside, such as one that selects text, may end beside it.
        if (event.target === ref.current && isPressedBeside.current) onClose();
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
