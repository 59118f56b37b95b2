import type { Area } from "@/canvas/editor/port";
import type { PreviewElement } from "@/realtime/protocol";

/**
 * What jobs are about to draw, by job. Ephemeral: nothing of it is part of the drawing.
 *
 * A preview that comes after the end of its job is not shown: messages may overtake one another on the way.
 */
export class Previews {
  readonly #shown = new Map<string, readonly PreviewElement[]>();
  readonly #ended = new Set<string>();

  has(jobId: string): boolean {
    return this.#shown.has(jobId);
  }

  /** False when the job is over. */
  show(jobId: string, elements: readonly PreviewElement[]): boolean {
    if (this.#ended.has(jobId)) return false;
    this.#shown.set(jobId, elements);
    return true;
  }

  /** The job runs, perhaps again. */
  begin(jobId: string): void {
    this.#ended.delete(jobId);
  }

  /** The job runs no more; true when something was shown. */
  end(jobId: string): boolean {
    this.#ended.add(jobId);
    return this.#shown.delete(jobId);
  }

  /** Nothing came for long: what is shown may be stale, but the job may yet go on. */
  forget(jobId: string): boolean {
    return this.#shown.delete(jobId);
  }

  /** Only these jobs still run; true when something else was shown. */
  keepOnly(jobIds: readonly string[]): boolean {
    const gone = [...this.#shown.keys()].filter((jobId) => !jobIds.includes(jobId));
    for (const jobId of gone) this.#shown.delete(jobId);
    return gone.length > 0;
  }

  /** Of an object that several jobs are about to change, one. */
  elements(): readonly PreviewElement[] {
    const byId = new Map([...this.#shown.values()].flat().map((element) => [element.id, element]));
    return [...byId.values()];
  }
}

/** The smallest area around the elements; null when there are none. */
export function areaOf(elements: readonly PreviewElement[]): Area | null {
  if (elements.length === 0) return null;
  const corners = elements.flatMap((element) =>
    element.points.length > 0
      ? element.points.map(([x, y]) => [element.x + x, element.y + y] as const)
      : [[element.x, element.y] as const, [element.x + element.width, element.y + element.height] as const],
  );
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
