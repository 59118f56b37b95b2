import type { CanvasElement } from "@/api/models";

const DEFAULTS = {
  angle: 0,
  strokeColor: "#1e1e1e",
  backgroundColor: "transparent",
  fillStyle: "solid",
  strokeWidth: 2,
  strokeStyle: "solid",
  roughness: 1,
  opacity: 100,
  frameId: null,
  roundness: null,
  seed: 1,
  updated: 1,
  link: null,
  locked: false,
} as const;

/**
 * An element that the editor can draw: a key without which it would throw gets its default.
 *
 * The editor's own repair is not used: it marks empty texts as deleted and raises their version, which would delete
 * what somebody else is just typing.
 */
export function completeElement(element: CanvasElement): CanvasElement {
  return { ...DEFAULTS, groupIds: [], boundElements: [], ...element };
}
