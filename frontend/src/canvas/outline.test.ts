import { describe, expect, test } from "vitest";

import type { CanvasElement } from "@/api/models";
import { outlineOf } from "@/canvas/outline";

const make = (id: string, type: string, more: Record<string, unknown> = {}): CanvasElement => ({
  id,
  type,
  version: 1,
  versionNonce: 1,
  index: null,
  isDeleted: false,
  x: 0,
  y: 0,
  ...more,
});

describe("the outline", () => {
  test("names shapes by their labels and arrows by what they join", () => {
    const outline = outlineOf([
      make("b", "diamond", { y: 200 }),
      make("bt", "text", { y: 210, containerId: "b", text: "In\nstock?", originalText: "In stock?" }),
      make("a", "rectangle"),
      make("at", "text", { containerId: "a", text: "Order" }),
      make("arrow", "arrow", { y: 100, startBinding: { elementId: "a" }, endBinding: { elementId: "b" } }),
    ]);
    expect(outline.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      "Box: Order",
      "Arrow: Order → In stock?",
      "Diamond: In stock?",
    ]);
  });

  test("reads free texts from top left to bottom right and leaves out what was deleted", () => {
    const outline = outlineOf([
      make("3", "text", { y: 300, text: "third" }),
      make("2", "text", { x: 400, y: 5, text: "second" }),
      make("gone", "text", { text: "gone", isDeleted: true }),
      make("1", "text", { x: 10, text: "first" }),
    ]);
    expect(outline.map(({ text }) => text)).toEqual(["first", "second", "third"]);
  });

  test("calls a closed polygon by its shape", () => {
    expect(outlineOf([make("s", "line", { customData: { shape: "star" } })])[0]?.kind).toBe("Star");
  });
});
