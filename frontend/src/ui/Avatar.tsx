import type { CSSProperties } from "react";

import { initials } from "@/lib/initials";
import { personHue } from "@/lib/personColor";
import styles from "@/ui/Avatar.module.css";

/** A person as a coloured disc; the colour is that of their cursor. */
export function Avatar({ userId, name, title = name }: { userId: number; name: string; title?: string }) {
  const hue = { "--hue": personHue(userId) } as CSSProperties;
  return (
    <span className={styles.avatar} style={hue} role="img" aria-label={title} title={title}>
      {initials(name)}
    </span>
  );
}
