import type { ObjectRow } from "@/api/models";

const QUIET_MS = 150;

/**
 * Gathers the objects that one job drew until the job is over, or nothing more came for a moment.
 *
 * One edit of a job may arrive in several messages, but the person who asked takes it back with one Ctrl+Z.
 */
export class JobBuffer {
  readonly #onReady: (jobId: string, rows: readonly ObjectRow[]) => void;
  readonly #waiting = new Map<string, { rows: ObjectRow[]; timer: ReturnType<typeof setTimeout> }>();

  constructor(onReady: (jobId: string, rows: readonly ObjectRow[]) => void) {
    this.#onReady = onReady;
  }

  add(jobId: string, rows: readonly ObjectRow[]): void {
    const waiting = this.#waiting.get(jobId);
    if (waiting) clearTimeout(waiting.timer);
    this.#waiting.set(jobId, {
      rows: [...(waiting?.rows ?? []), ...rows],
      timer: setTimeout(() => this.release(jobId), QUIET_MS),
    });
  }

  /** Hands over what was gathered for a job; nothing happens when nothing was. */
  release(jobId: string): void {
    const waiting = this.#waiting.get(jobId);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(jobId);
    this.#onReady(jobId, waiting.rows);
  }

  /** Hands over what was gathered for the jobs that touched any of these objects. */
  releaseWith(rows: readonly ObjectRow[]): void {
    if (this.#waiting.size === 0) return;
    const ids = new Set(rows.map((row) => row.id));
    for (const [jobId, waiting] of [...this.#waiting]) {
      if (waiting.rows.some((row) => ids.has(row.id))) this.release(jobId);
    }
  }

  releaseAll(): void {
    for (const jobId of [...this.#waiting.keys()]) this.release(jobId);
  }
}
