import { useStore } from "zustand";

import styles from "@/canvas/LiveState.module.css";
import type { CanvasSession, SaveState } from "@/canvas/session";

/** The one table of what is said about the connection and the saving of edits. */
const SAVE_LABELS: Readonly<Record<SaveState, string>> = {
  saved: "Saved",
  saving: "Saving…",
  offline: "Offline – changes are kept",
};

/** Whether edits reach the server. */
export function LiveState({ session }: { session: CanvasSession }) {
  const connection = useStore(session.store, (state) => state.connection.kind);
  const loaded = useStore(session.store, (state) => state.loaded);
  const save = useStore(session.store, (state) => state.save);
  const role = useStore(session.store, (state) => state.role);
  const connecting = connection === "connecting" || (connection === "online" && !loaded);
  const label = connecting
    ? "Connecting…"
    : role === "viewer"
      ? connection === "online"
        ? "Live"
        : "Offline – reconnecting"
      : SAVE_LABELS[save];
  const tone = connection === "online" ? (save === "saving" ? styles.saving : "") : styles.offline;
  const quiet = connection === "online" && !connecting ? styles.short : "";
  return (
    <span className={`${styles.state} ${quiet}`} role="status" aria-label="Connection" title={label}>
      <span className={`${styles.dot} ${connecting ? styles.saving : tone}`} />
      <span className={styles.text}>{label}</span>
    </span>
  );
}
