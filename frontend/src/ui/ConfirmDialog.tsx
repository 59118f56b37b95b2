import { Button } from "@/ui/Button";
import styles from "@/ui/ConfirmDialog.module.css";
import { Dialog } from "@/ui/Dialog";
import { ErrorNote } from "@/ui/ErrorNote";

interface ConfirmDialogProps {
  title: string;
  question: string;
  confirm: string;
  keep?: string;
  busy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <p>{props.question}</p>
      <ErrorNote error={props.error} />
      <div className={styles.actions}>
        <Button onClick={props.onClose}>{props.keep ?? "Keep it"}</Button>
        <Button look="danger" disabled={props.busy} onClick={props.onConfirm}>
          {props.confirm}
        </Button>
      </div>
    </Dialog>
  );
}
