import type { ReactNode } from "react";

import { Logo } from "@/ui/Logo";
import styles from "@/ui/MessagePage.module.css";

/** A whole page that says one thing and offers a way on. */
export function MessagePage({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children?: ReactNode;
}) {
  return (
    <main className={styles.page}>
      <Logo size={44} />
      <h1>{title}</h1>
      <p className={styles.text}>{text}</p>
      {children && <div className={styles.actions}>{children}</div>}
    </main>
  );
}
