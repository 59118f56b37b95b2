import {
  CaptureUpdateAction,
  getCommonBounds,
  getVisibleSceneBounds,
  isInvisiblySmallElement,
  reconcileElements,
} from "@excalidraw/excalidraw";
import type { RemoteExcalidrawElement } from "@excalidraw/excalidraw/data/reconcile";
import type { ExcalidrawElement, OrderedExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { Collaborator, ExcalidrawImperativeAPI, SocketId } from "@excalidraw/excalidraw/types";

import type { CanvasElement } from "@/api/models";
import { completeElement } from "@/canvas/editor/completeElement";
import type { EditorPort } from "@/canvas/editor/port";
import { cursorIdentity } from "@/lib/personColor";

const SCROLL_MS = 350;
/** What the toolbars cover above and below, and a little air beside; what lies under it does not count as seen. */
const COVERED_PX = { top: 64, bottom: 64, left: 24, right: 24 };

const NOWHERE = {
  id: "area",
  type: "rectangle",
  version: 1,
  versionNonce: 1,
  index: null,
  isDeleted: false,
} as const;

/** The editor's elements in our words. They are the same objects: the wire format is the editor's own. */
export function fromEditor(elements: readonly ExcalidrawElement[]): readonly CanvasElement[] {
  return elements;
}

function toEditor(elements: readonly CanvasElement[]): readonly RemoteExcalidrawElement[] {
  return elements.map(completeElement) as unknown as readonly RemoteExcalidrawElement[];
}

/** The port of an editor that has finished loading. */
export function createPort(api: ExcalidrawImperativeAPI): EditorPort {
  function mergeInto(
    local: readonly OrderedExcalidrawElement[],
    elements: readonly CanvasElement[],
    undoable: boolean,
  ): void {
    api.updateScene({
      elements: reconcileElements(local, toEditor(elements), api.getAppState()),
      captureUpdate: undoable ? CaptureUpdateAction.IMMEDIATELY : CaptureUpdateAction.NEVER,
    });
  }

  return {
    merge(elements, { undoable }) {
      mergeInto(api.getSceneElementsIncludingDeleted(), elements, undoable);
    },

    restore(rows) {
      // `updateScene` puts in whatever it is given, so leaving out the local state lets an older one win.
      const replaced = new Set(rows.map((row) => row.id));
      const kept = api.getSceneElementsIncludingDeleted().filter((element) => !replaced.has(element.id));
      mergeInto(
        kept,
        rows.flatMap((row) => (row.element ? [row.element] : [])),
        false,
      );
    },

    showCursors(cursors) {
      const collaborators = new Map<SocketId, Collaborator>();
      for (const cursor of cursors) {
        collaborators.set(cursor.clientId as SocketId, {
          id: cursorIdentity(cursor.userId),
          username: cursor.name,
          button: cursor.button,
          selectedElementIds: Object.fromEntries(cursor.selectedIds.map((id) => [id, true as const])),
          ...(cursor.pointer && { pointer: { ...cursor.pointer, tool: "pointer" as const } }),
        });
      }
      api.updateScene({ collaborators });
    },

    show(ids, { onlyIfHidden = false, select = false } = {}) {
      const wanted = new Set(ids);
      const all = api.getSceneElements();
      const elements = all.filter((element) => wanted.has(element.id));
      if (elements.length === 0) return false;
      if (select) {
        api.updateScene({
          appState: {
            selectedElementIds: Object.fromEntries(elements.map((element) => [element.id, true as const])),
          },
        });
      }
      if (onlyIfHidden && isInView(getCommonBounds(elements))) return true;
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      // What changed is seen with the rest around it where all of that has room.
      scrollTo(onlyIfHidden && fitsAtFullSize(all) ? all : elements, still);
      return true;
    },

    showAll() {
      const all = api.getSceneElements();
      if (all.length > 0) scrollTo(all, true);
    },

    reveal(area) {
      const isEmpty = api.getSceneElements().length === 0;
      if (!isEmpty && isInView([area.x, area.y, area.x + area.width, area.y + area.height])) return;
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      // The editor scrolls to elements only; this one is never put into the drawing.
      const place = completeElement({ ...area, ...NOWHERE }) as unknown as ExcalidrawElement;
      scrollTo([place], still);
    },

    getView() {
      const { scrollX, scrollY, zoom } = api.getAppState();
      return { scrollX, scrollY, zoom: zoom.value };
    },

    getElements: () => fromEditor(api.getSceneElementsIncludingDeleted()),

    isWorthSending(element) {
      if (element.isDeleted) return false;
      if (element.type === "text") return element["text"] !== "";
      return !isInvisiblySmallElement(element as unknown as ExcalidrawElement);
    },
  };

  function isInView([left, top, right, bottom]: readonly [number, number, number, number]): boolean {
    const appState = api.getAppState();
    const [viewLeft, viewTop, viewRight, viewBottom] = getVisibleSceneBounds(appState);
    const zoom = appState.zoom.value;
    return (
      left >= viewLeft + COVERED_PX.left / zoom &&
      top >= viewTop + COVERED_PX.top / zoom &&
      right <= viewRight - COVERED_PX.right / zoom &&
      bottom <= viewBottom - COVERED_PX.bottom / zoom
    );
  }

  function fitsAtFullSize(elements: readonly ExcalidrawElement[]): boolean {
    const [left, top, right, bottom] = getCommonBounds(elements);
    const { width, height } = api.getAppState();
    return (
      right - left <= width - COVERED_PX.left - COVERED_PX.right &&
      bottom - top <= height - COVERED_PX.top - COVERED_PX.bottom
    );
  }

  /** The same rule as `isInView`: what was scrolled to is seen, with nothing of it under a toolbar. */
  function scrollTo(elements: readonly ExcalidrawElement[], still: boolean): void {
    api.scrollToContent(elements, {
      fitToContent: true,
      animate: !still,
      duration: SCROLL_MS,
      canvasOffsets: COVERED_PX,
    });
  }
}
