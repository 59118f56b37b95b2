import type { Session } from "@/api/models";
import styles from "@/jobs/ProviderLine.module.css";

/** Says plainly who draws. */
export function ProviderLine({ session }: { session: Session }) {
  return (
    <p className={styles.line}>
      {session.ai_enabled
        ? `Drawn by: ${session.provider.label}`
        : "AI drawing is switched off on this server. You can still draw by hand."}
    </p>
  );
}
