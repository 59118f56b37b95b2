import type { CanvasElement } from "@/api/models";

declare global {
  interface Window {
    /** A read-only view of the open drawing, for tests and assistive tools. */
    collabcanvas?: { getElements(): readonly CanvasElement[] };
  }
}
