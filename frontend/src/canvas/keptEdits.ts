import { elementSchema } from "@/api/models";
import type { CanvasElement } from "@/api/models";
import { z } from "@/lib/schema";

/*
 * What could not be sent before the sign-in ended, until the same person is back on the canvas in the same tab. It is
 * kept for one person at a time: the next one who opens a canvas here finds nothing, and leaves nothing.
 */

const KEY = "collabcanvas.unsaved";
const keptSchema = z.object({
  userId: z.number(),
  canvases: z.record(z.string(), z.array(elementSchema)),
});
type Kept = z.infer<typeof keptSchema>;

interface Place {
  canvasId: string;
  userId: number;
}

/** False when the browser keeps nothing, or not as much. */
export function keepEdits({ canvasId, userId }: Place, elements: readonly CanvasElement[]): boolean {
  const canvases = read(userId)?.canvases ?? {};
  return write({ userId, canvases: { ...canvases, [canvasId]: [...elements] } });
}

/** What was kept, which is then kept no longer. */
export function takeKeptEdits({ canvasId, userId }: Place): readonly CanvasElement[] {
  const { [canvasId]: elements = [], ...others } = read(userId)?.canvases ?? {};
  write({ userId, canvases: others });
  return elements;
}

function read(userId: number): Kept | null {
  try {
    const kept = keptSchema.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? "null"));
    return kept.success && kept.data.userId === userId ? kept.data : null;
  } catch {
    return null;
  }
}

function write(kept: Kept): boolean {
  try {
    if (Object.keys(kept.canvases).length > 0) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}
