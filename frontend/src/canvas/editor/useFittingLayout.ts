import type { ExcalidrawImperativeAPI } from "@excalidraw/excalidraw/types";
import { useEffect } from "react";
import type { RefObject } from "react";

/**
 * The editor's toolbars fit its size after every change of it.
 *
 * The editor notes that its size asks for the other layout, for phones or for wide windows, but draws itself before it
 * notes that, and then not again until it is touched.
 */
export function useFittingLayout(
  frame: RefObject<HTMLElement | null>,
  api: RefObject<ExcalidrawImperativeAPI | null>,
): void {
  useEffect(() => {
    const root = frame.current;
    if (!root) return undefined;
    let next = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(next);
      // By then the editor's own observer, which may be told after this one, has seen the size too.
      next = requestAnimationFrame(() => api.current?.refresh());
    });
    observer.observe(root);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(next);
    };
  }, [frame, api]);
}
