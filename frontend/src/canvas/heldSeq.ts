import type { ObjectRow, Snapshot } from "@/api/models";

/** Which changes of a canvas have come, each with its seq: up to where none is missing, and which beyond a gap. */
export class HeldSeq {
  readonly #beyond = new Set<number>();
  #upTo: number | null = null;

  /** The seq since which to ask for changes; null while nothing is held. */
  get upTo(): number | null {
    return this.#upTo;
  }

  get hasGap(): boolean {
    return this.#upTo !== null && this.#beyond.size > 0;
  }

  /** Objects that came by themselves. */
  receive(rows: readonly ObjectRow[]): void {
    for (const { seq } of rows) this.#beyond.add(seq);
    this.#advance();
  }

  /** The whole canvas came. A restored one may count from an earlier seq than what came before. */
  startAt(seq: number): void {
    this.#beyond.clear();
    this.#upTo = seq;
  }

  /** An answer came; true when later changes have been heard of, so that there is something to fetch again. */
  caughtUp({ seq, full }: Pick<Snapshot, "seq" | "full">): boolean {
    if (full) {
      const heardLater = (this.#upTo ?? 0) > seq || [...this.#beyond].some((other) => other > seq);
      this.startAt(seq);
      return heardLater;
    }
    this.#upTo = Math.max(this.#upTo ?? 0, seq);
    this.#advance();
    return this.hasGap;
  }

  #advance(): void {
    if (this.#upTo === null) return;
    while (this.#beyond.delete(this.#upTo + 1)) this.#upTo += 1;
    for (const seq of this.#beyond) if (seq <= this.#upTo) this.#beyond.delete(seq);
  }
}
