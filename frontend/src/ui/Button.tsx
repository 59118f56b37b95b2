import type { ComponentProps } from "react";

import styles from "@/ui/Button.module.css";

interface ButtonProps extends ComponentProps<"button"> {
  look?: "primary" | "secondary" | "quiet" | "danger";
  small?: boolean;
  /** Square, for a single icon; then give it an `aria-label`. */
  icon?: boolean;
}

export function Button({
  look = "secondary",
  small,
  icon,
  className,
  type = "button",
  ...rest
}: ButtonProps) {
  const classes = [styles.button, styles[look], small && styles.small, icon && styles.icon, className];
  return <button type={type} className={classes.filter(Boolean).join(" ")} {...rest} />;
}
