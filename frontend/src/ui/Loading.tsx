import styles from "@/ui/Loading.module.css";

export function Loading({ what }: { what: string }) {
  return (
    <div className={styles.loading} role="status">
      Loading {what}…
    </div>
  );
}
