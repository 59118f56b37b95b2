import { useEffect } from "react";
import type { RefObject } from "react";

/** Gives the parts of the editor that have no accessible name one, now and whenever they are drawn anew. */
export function useNamedParts(frame: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = frame.current;
    if (!root) return undefined;
    const name = () => {
      for (const button of root.querySelectorAll(".main-menu-trigger:not([aria-label])")) {
        button.setAttribute("aria-label", "Main menu");
      }
      for (const canvas of root.querySelectorAll("canvas.interactive:not([role])")) {
        canvas.setAttribute("role", "img");
        canvas.setAttribute("aria-label", "Drawing surface. The outline lists what is on it.");
      }
      for (const canvas of root.querySelectorAll("canvas.static:not([role])")) {
        canvas.setAttribute("role", "presentation");
        canvas.setAttribute("aria-hidden", "true");
      }
    };
    name();
    const observer = new MutationObserver(name);
    observer.observe(root, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [frame]);
}
