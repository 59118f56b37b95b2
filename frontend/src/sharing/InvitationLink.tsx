import { useRef, useState } from "react";

import styles from "@/sharing/ShareDialog.module.css";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

export function InvitationLink({ email, url }: { email: string; url: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<{ url: string; label: string } | null>(null);
  const link = new URL(url, location.origin).href;

  async function copy() {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(link);
      setCopied({ url, label: "Copied" });
    } catch {
      // Without a secure connection the browser refuses; the link is selected, so Ctrl+C works.
      field.current?.focus();
      setCopied({ url, label: "Press Ctrl+C" });
    }
  }

  return (
    <div className={styles.link} role="status">
      <span>Send this link to {email}. Only they can accept it, once. It is not shown again.</span>
      <div>
        <input ref={field} readOnly value={link} aria-label="Invitation link" />
        <Button small onClick={() => void copy()}>
          <Icon name="copy" size={15} /> {copied?.url === url ? copied.label : "Copy"}
        </Button>
      </div>
    </div>
  );
}
