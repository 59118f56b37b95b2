import { createPortal } from "react-dom";
import { useStore } from "zustand";

import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import styles from "@/ui/Notices.module.css";
import { dismiss, noticeStore } from "@/ui/notices";

/** The sentences that `notify` shows, above everything else. */
export function Notices() {
  const { notices, host } = useStore(noticeStore);
  const region = (
    <div className={styles.region} role="status" aria-label="Notices">
      {notices.map((notice) => (
        <div key={notice.id} className={styles.notice}>
          <span>{notice.sentence}</span>
          <Button look="quiet" icon small aria-label="Dismiss" onClick={() => dismiss(notice.id)}>
            <Icon name="close" size={16} />
          </Button>
        </div>
      ))}
    </div>
  );
  return host ? createPortal(region, host) : region;
}
