import type { ReactNode } from "react";

import styles from "@/ui/Field.module.css";

/** A form control with its visible label. */
export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className={styles.field}>
      <span className={styles.label}>{label}</span>
      {children}
    </label>
  );
}
