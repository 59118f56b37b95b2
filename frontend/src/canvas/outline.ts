import type { CanvasElement } from "@/api/models";

export interface OutlineEntry {
  id: string;
  kind: string;
  text: string;
}

const KINDS: Readonly<Record<string, string>> = {
  rectangle: "Box",
  diamond: "Diamond",
  ellipse: "Ellipse",
  arrow: "Arrow",
  line: "Line",
  text: "Text",
  freedraw: "Drawing",
  image: "Image",
  frame: "Frame",
};

/**
 * The canvas in words, in reading order: shapes with their labels, arrows with what they join, free texts.
 *
 * A label belongs to its shape and has no line of its own.
 */
export function outlineOf(elements: readonly CanvasElement[]): OutlineEntry[] {
  const live = elements.filter((element) => !element.isDeleted);
  const labels = new Map<string, string>();
  for (const element of live) {
    const containerId = element["containerId"];
    if (element.type === "text" && typeof containerId === "string") labels.set(containerId, textOf(element));
  }
  const byId = new Map(live.map((element) => [element.id, element]));
  return live
    .filter((element) => !(element.type === "text" && byId.has(String(element["containerId"]))))
    .sort(inReadingOrder)
    .map((element) => ({ id: element.id, kind: kindOf(element), text: describe(element, labels, byId) }));
}

function describe(
  element: CanvasElement,
  labels: ReadonlyMap<string, string>,
  byId: ReadonlyMap<string, CanvasElement>,
): string {
  if (element.type === "text") return textOf(element);
  const label = labels.get(element.id) ?? "";
  if (element.type !== "arrow") return label || (typeof element["name"] === "string" ? element["name"] : "");
  const [from, to] = ["startBinding", "endBinding"].map((side) => {
    const id = boundTo(element[side]);
    const shape = id === null ? undefined : byId.get(id);
    return shape ? (labels.get(shape.id) ?? textOf(shape)) || kindOf(shape).toLowerCase() : null;
  });
  const route = from && to ? `${from} → ${to}` : from ? `from ${from}` : to ? `to ${to}` : "";
  return [route, label && `“${label}”`].filter(Boolean).join(" ");
}

function kindOf(element: CanvasElement): string {
  const data = element["customData"];
  if (typeof data === "object" && data !== null && "shape" in data && typeof data.shape === "string") {
    return data.shape.charAt(0).toUpperCase() + data.shape.slice(1);
  }
  return KINDS[element.type] ?? "Object";
}

function boundTo(binding: unknown): string | null {
  if (typeof binding !== "object" || binding === null || !("elementId" in binding)) return null;
  return typeof binding.elementId === "string" ? binding.elementId : null;
}

function textOf(element: CanvasElement): string {
  const text = element["originalText"] ?? element["text"];
  return typeof text === "string" ? text.replace(/\s+/gu, " ").trim() : "";
}

const ROW_HEIGHT = 40;

function inReadingOrder(a: CanvasElement, b: CanvasElement): number {
  const row = Math.round(numberOf(a["y"]) / ROW_HEIGHT) - Math.round(numberOf(b["y"]) / ROW_HEIGHT);
  return row === 0 ? numberOf(a["x"]) - numberOf(b["x"]) : row;
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
