import type { JobStatus } from "@/api/models";
import { STATUS_LABELS } from "@/jobs/labels";
import styles from "@/jobs/StatusBadge.module.css";

/** A status in a word and a colour. */
export function StatusBadge({ status }: { status: JobStatus }) {
  const { label, tone } = STATUS_LABELS[status];
  return <span className={`${styles.status} ${styles[tone]}`}>{label}</span>;
}
