import type { CanvasElement } from "@/api/models";
import type { RemoteCursor } from "@/canvas/presence";

/** Which part of the drawing is seen: a point (x, y) of it stands at ((x + scrollX) × zoom, …) of the surface. */
export interface View {
  scrollX: number;
  scrollY: number;
  zoom: number;
}

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What the rest of the page may do with the editor, in its own words. */
export interface EditorPort {
  /** Merges elements from the server; `undoable` makes all of them one step of Ctrl+Z. */
  merge(elements: readonly CanvasElement[], options: { undoable: boolean }): void;
  /** Puts back what the server holds after it refused an edit; an id without an element disappears. */
  restore(rows: readonly { id: string; element: CanvasElement | null }[]): void;
  showCursors(cursors: readonly RemoteCursor[]): void;
  /** Brings objects into view and, when asked, selects them; false when none of them is there. */
  show(ids: readonly string[], options?: { onlyIfHidden?: boolean; select?: boolean }): boolean;
  /** Brings the whole drawing into view. */
  showAll(): void;
  /** Brings an area into view unless all of it is seen and anything is drawn; nothing need be in the area. */
  reveal(area: Area): void;
  getView(): View;
  /** All elements in drawing order, deleted ones too. */
  getElements(): readonly CanvasElement[];
  /** Whether an element is worth sending: a shape that is just being started is not. */
  isWorthSending(element: CanvasElement): boolean;
}

/** What the editor tells the rest of the page. */
export interface EditorEvents {
  onReady: (port: EditorPort) => void;
  onElements: (elements: readonly CanvasElement[]) => void;
  onSelection: (ids: readonly string[]) => void;
  onView: (view: View) => void;
  onPointer: (pointer: { x: number; y: number; button: "up" | "down" }) => void;
}
