import { MAX_OBJECTS_AT_ONCE } from "@/api/endpoints";
import type { CanvasElement, ObjectRow } from "@/api/models";
import { sameState, winner } from "@/canvas/merge";
import type { Stamp } from "@/canvas/merge";

interface Held extends Stamp {
  seq: number;
}

interface Edit {
  element: CanvasElement;
  sent: Stamp | null;
  sentAt: number;
}

/** The server closes a socket that sends more than 1 MB at once; JSON of one batch stays well below. */
const MAX_BATCH_BYTES = 600_000;
/** The server takes no larger object. One above a whole message would close the socket again and again. */
export const MAX_OBJECT_BYTES = 200_000;
/** An edit that was neither acknowledged nor refused for so long may have been lost, and is sent again. */
const RESEND_AFTER_MS = 8_000;

/**
 * The edits of this page that the server has not acknowledged, and what it is known to hold.
 *
 * Everything is decided by comparing states: an edit is acknowledged when the server reports the same state, given
 * up when it reports one that wins, and kept otherwise. So it does not matter whether an acknowledgement came by
 * socket, by snapshot or by HTTP, and no echo can start a loop.
 */
export class UnsentEdits {
  readonly #held = new Map<string, Held>();
  readonly #edits = new Map<string, Edit>();

  get size(): number {
    return this.#edits.size;
  }

  get elements(): readonly CanvasElement[] {
    return [...this.#edits.values()].map(({ element }) => element);
  }

  /** Whether the server holds this object or an edit of it is on its way. */
  knows(id: string): boolean {
    return this.#held.has(id) || this.#edits.has(id);
  }

  /** Whether the server holds this object. */
  isHeld(id: string): boolean {
    return this.#held.has(id);
  }

  /** Whether a row says more than the server was known to hold. */
  isNews(row: ObjectRow): boolean {
    const held = this.#held.get(row.id);
    return !held || (winner(held, row.properties) === "remote" && !sameState(held, row.properties));
  }

  /** Notes what the editor shows; true when this is an edit that has to be sent. */
  note(element: CanvasElement): boolean {
    const held = this.#held.get(element.id);
    if (held && (sameState(held, element) || winner(element, held) === "remote")) {
      this.#edits.delete(element.id);
      return false;
    }
    const edit = this.#edits.get(element.id);
    if (!edit) {
      this.#edits.set(element.id, { element, sent: null, sentAt: 0 });
      return true;
    }
    edit.element = element;
    return !edit.sent || !sameState(edit.sent, element);
  }

  /** Takes over what the server holds now. */
  receive(rows: readonly ObjectRow[]): void {
    for (const row of rows) {
      const held = this.#held.get(row.id);
      if (!held || winner(held, row.properties) === "remote") this.#held.set(row.id, heldOf(row));
      const edit = this.#edits.get(row.id);
      if (!edit) continue;
      if (sameState(edit.element, row.properties) || winner(edit.element, row.properties) === "remote") {
        this.#edits.delete(row.id);
      }
    }
  }

  /**
   * Takes note of a refusal; true when the editor must be put back to what the server holds.
   *
   * A state that merely lost against a newer one is settled by the merge rule, so an edit made since then stays. A
   * state that the server will never take is given up: what it holds instead is the truth even if it is older.
   */
  refuse(id: string, row: ObjectRow | null): boolean {
    const sent = this.#edits.get(id)?.sent ?? null;
    if (row && (!sent || sameState(sent, row.properties) || winner(sent, row.properties) === "remote")) {
      this.receive([row]);
      return false;
    }
    if (!row && !sent && this.#held.has(id)) return false;
    this.#edits.delete(id);
    if (row) this.#held.set(id, heldOf(row));
    else this.#held.delete(id);
    return true;
  }

  /**
   * Forgets what the server held up to `seq` and holds no more, and returns what the editor must take away.
   *
   * An object with an edit that is still on its way stays: the server will make it anew.
   */
  forgetOthers(rows: readonly ObjectRow[], seq: number): string[] {
    const there = new Set(rows.map((row) => row.id));
    const gone: string[] = [];
    for (const [id, held] of this.#held) {
      if (there.has(id) || held.seq > seq) continue;
      this.#held.delete(id);
      if (!this.#edits.has(id)) gone.push(id);
    }
    return gone;
  }

  /** The objects that the server would never take; like all that was sent, they wait for its word. */
  takeTooLarge(now: number): string[] {
    const tooLarge: string[] = [];
    for (const [id, edit] of this.#edits) {
      if (!isDue(edit, now) || bytesOf(edit.element) <= MAX_OBJECT_BYTES) continue;
      tooLarge.push(id);
      edit.sent = stampOf(edit.element);
      edit.sentAt = now;
    }
    return tooLarge;
  }

  /** The edits that are due, cut into batches that the server accepts; they count as sent from here on. */
  takeBatches(now: number): CanvasElement[][] {
    const batches: CanvasElement[][] = [];
    let bytes = Number.POSITIVE_INFINITY;
    for (const edit of this.#edits.values()) {
      if (!isDue(edit, now)) continue;
      const size = bytesOf(edit.element);
      let batch = batches.at(-1);
      if (!batch || batch.length >= MAX_OBJECTS_AT_ONCE || bytes + size > MAX_BATCH_BYTES) {
        batch = [];
        batches.push(batch);
        bytes = 0;
      }
      batch.push(edit.element);
      bytes += size;
      edit.sent = stampOf(edit.element);
      edit.sentAt = now;
    }
    return batches;
  }

  /** After a lost connection nothing counts as sent. */
  markUnsent(): void {
    for (const edit of this.#edits.values()) edit.sent = null;
  }

  /** Gives up all edits, and returns whose they were. */
  clear(): string[] {
    const ids = [...this.#edits.keys()];
    this.#edits.clear();
    return ids;
  }
}

function isDue(edit: Edit, now: number): boolean {
  return !edit.sent || !sameState(edit.sent, edit.element) || now - edit.sentAt >= RESEND_AFTER_MS;
}

/** As the server counts: a character outside of English may take three bytes. */
function bytesOf(element: CanvasElement): number {
  return new TextEncoder().encode(JSON.stringify(element)).length;
}

function heldOf(row: ObjectRow): Held {
  return { ...stampOf(row.properties), seq: row.seq };
}

function stampOf(element: CanvasElement): Stamp {
  return { version: element.version, versionNonce: element.versionNonce };
}
