import type { CanvasElement } from "@/api/models";
import type { View } from "@/canvas/editor/port";

declare global {
  interface Window {
    /** A read-only view of the open drawing, for tests and assistive tools. */
    collabcanvas?: { getElements(): readonly CanvasElement[]; getView(): View };
  }
}
