import { createStore } from "zustand/vanilla";

import { getSnapshot, MAX_OBJECTS_AT_ONCE, putObjects } from "@/api/endpoints";
import { ApiError, identityEvents } from "@/api/http";
import type { CanvasElement, ObjectRow, Role } from "@/api/models";
import type { EditorPort, View } from "@/canvas/editor/port";
import { HeldSeq } from "@/canvas/heldSeq";
import { JobBuffer } from "@/canvas/jobBuffer";
import { keepEdits, takeKeptEdits } from "@/canvas/keptEdits";
import { areaOf, Previews } from "@/canvas/previews";
import type { RemoteCursor } from "@/canvas/presence";
import { UnsentEdits } from "@/canvas/unsentEdits";
import { assertNever } from "@/lib/assertNever";
import { Connection } from "@/realtime/connection";
import type { CloseReason, ConnectionStatus } from "@/realtime/connection";
import type {
  JobMessage,
  MessageOf,
  OnlineMember,
  PreviewElement,
  Refusal,
  ServerMessage,
} from "@/realtime/protocol";

export type SaveState = "saved" | "saving" | "offline";

/** What the page shows about the open canvas. Its objects are in the editor and nowhere else. */
export interface CanvasState {
  connection: ConnectionStatus;
  save: SaveState;
  /** Null until the server has said it. */
  role: Role | null;
  /** Whether the canvas itself is gone, for everybody. */
  deleted: boolean;
  loaded: boolean;
  membersOnline: readonly OnlineMember[];
  selectedIds: readonly string[];
  /** Grows with each change of the drawing, for views that derive from it. */
  drawingRevision: number;
  view: View;
  /** What jobs are about to draw: shown over the drawing, never part of it. */
  previews: readonly PreviewElement[];
}

interface SessionOptions {
  canvasId: string;
  userId: number;
  onJobMessage: (message: JobMessage) => void;
  /** The title as it is now, for everybody on the canvas. */
  onTitle: (title: string) => void;
  /** Everything may have been missed; the page fetches what it shows. */
  onResync: () => void;
  /** A sentence for the person in front of the page. */
  onNotice: (sentence: string) => void;
  /** Whether the person wants to go; then nothing of theirs is kept here. */
  isSigningOut: () => boolean;
}

const SEND_EVERY_MS = 80;
const POINTER_EVERY_MS = 40;
const SELECTION_EVERY_MS = 120;
const CURSORS_EVERY_MS = 33;
const DRAWING_REVISION_EVERY_MS = 250;
const POLL_EVERY_MS = 3_000;
const SWEEP_EVERY_MS = 2_000;
/** Who is here is announced each minute at least, also from a page in the background. */
const SILENT_MEMBER_MS = 180_000;
/** A preview without a next one for so long was forgotten by its job. */
const PREVIEW_MS = 30_000;
const BUSY_LINE_BYTES = 256_000;

const NO_PICTURES = "Pictures cannot be kept on a canvas, so none was added.";
const TOO_LARGE =
  "That is too large for one object, so it was not added. Add it in smaller parts, of 20,000 characters at most.";

const NO_LONGER_EDITOR = "You may no longer edit this canvas. Your last changes were not saved.";

type Timer = ReturnType<typeof setTimeout>;

/**
 * One open canvas: joins the editor and the server, so that both end up with the same objects.
 *
 * It holds no React state and draws nothing. `start` and `stop` come in pairs.
 */
export class CanvasSession {
  readonly store = createStore<CanvasState>(() => ({
    connection: { kind: "connecting" },
    save: "saved",
    role: null,
    deleted: false,
    loaded: false,
    membersOnline: [],
    selectedIds: [],
    drawingRevision: 0,
    view: { scrollX: 0, scrollY: 0, zoom: 1 },
    previews: [],
  }));

  readonly #options: SessionOptions;
  readonly #connection: Connection;
  readonly #edits = new UnsentEdits();
  readonly #heldSeq = new HeldSeq();
  readonly #jobBuffer: JobBuffer;
  readonly #objectsOfJob = new Map<string, Set<string>>();
  readonly #cursors = new Map<string, RemoteCursor>();
  /** When the others announced themselves last. */
  readonly #heardOfAt = new Map<string, number>();
  readonly #previews = new Previews();
  readonly #timers = new Map<string, Timer>();

  #editor: EditorPort | null = null;
  /** Rows that came before the editor was ready. */
  #waitingRows: ObjectRow[] = [];
  #clientId: string | null = null;
  #batchNumber = 0;
  #catchUp: AbortController | null = null;
  /** Something may have been missed that no answer has brought yet. */
  #isBehind = false;
  /** Objects whose edits were given up, until the editor shows what the server holds of them. */
  readonly #givenUp = new Set<string>();
  /** Grows when the server tells a role by itself: what was asked for before that is older. */
  #rolesTold = 0;
  #saving = false;
  #isSignedOut = false;
  #pointer: { x: number; y: number; button: "up" | "down" } | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#jobBuffer = new JobBuffer((jobId, rows) => this.#drawOwnJob(jobId, rows));
    this.#connection = new Connection({
      path: `/ws/canvases/${encodeURIComponent(options.canvasId)}`,
      onMessage: (message) => this.#receive(message),
      onStatus: (status) => this.#statusChanged(status),
      onRefused: (sentence) => this.#options.onNotice(sentence),
      onMalformed: () => void this.#fetchMissed(),
    });
  }

  start(): void {
    this.#connection.start();
    this.#later("poll", POLL_EVERY_MS, this.#poll);
    this.#later("sweep", SWEEP_EVERY_MS, this.#sweep);
    window.addEventListener("pagehide", this.#send);
    window.addEventListener("beforeunload", this.#warnOfUnsaved);
    identityEvents.addEventListener("signed-out", this.#noteSignedOut);
  }

  stop(): void {
    this.#send();
    this.#connection.stop();
    this.#stopCatchingUp();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    window.removeEventListener("pagehide", this.#send);
    window.removeEventListener("beforeunload", this.#warnOfUnsaved);
    identityEvents.removeEventListener("signed-out", this.#noteSignedOut);
    if (this.#isSignedOut) this.#keepUnsaved();
  }

  // What the editor tells.

  attachEditor(editor: EditorPort): void {
    this.#editor = editor;
    const rows = this.#waitingRows;
    this.#waitingRows = [];
    if (rows.length > 0) this.#draw(rows, { undoable: false });
    this.#bringBackKept();
    if (this.store.getState().loaded) editor.showAll();
    this.#showCursors();
    this.noteView(editor.getView());
  }

  noteView(view: View): void {
    this.store.setState({ view });
  }

  noteElements(elements: readonly CanvasElement[]): void {
    this.#soon("revision", DRAWING_REVISION_EVERY_MS, () =>
      this.store.setState((state) => ({ drawingRevision: state.drawingRevision + 1 })),
    );
    if (!this.#mayEdit || !this.store.getState().loaded) return;
    const pictures = elements.filter((element) => this.#isNewPicture(element)).map(({ id }) => id);
    if (pictures.length > 0) {
      this.#editor?.restore(pictures.map((id) => ({ id, element: null })));
      this.#options.onNotice(NO_PICTURES);
    }
    let anythingToSend = false;
    for (const element of elements) {
      if (this.#givenUp.has(element.id) || pictures.includes(element.id)) continue;
      if (!this.#edits.knows(element.id) && !this.#isWorthSending(element)) continue;
      if (this.#edits.note(element)) anythingToSend = true;
    }
    if (anythingToSend) this.#soon("send", SEND_EVERY_MS, this.#send);
    this.#updateSaveState();
  }

  noteSelection(ids: readonly string[]): void {
    this.store.setState({ selectedIds: ids });
    this.#soon("selection", SELECTION_EVERY_MS, () => {
      this.#connection.send({
        type: "presence.selection",
        object_ids: this.store.getState().selectedIds.slice(0, MAX_OBJECTS_AT_ONCE),
      });
    });
  }

  notePointer(pointer: { x: number; y: number; button: "up" | "down" }): void {
    this.#pointer = pointer;
    this.#soon("pointer", POINTER_EVERY_MS, () => {
      if (!this.#pointer || this.#connection.bufferedBytes > BUSY_LINE_BYTES) return;
      this.#connection.send({ type: "presence.pointer", ...this.#pointer });
    });
  }

  // What the page asks for.

  /** Whether something would be lost if the page were left now. */
  get hasUnsaved(): boolean {
    return this.#edits.size > 0 && this.#connection.status.kind !== "closed";
  }

  getElements(): readonly CanvasElement[] {
    return this.#editor?.getElements() ?? [];
  }

  /** The objects that a job drew, as far as this page has seen them. */
  objectsOfJob(jobId: string): readonly string[] {
    return [...(this.#objectsOfJob.get(jobId) ?? [])];
  }

  /** False when none of these objects is on the canvas. */
  show(ids: readonly string[], options?: { select?: boolean }): boolean {
    return this.#editor?.show(ids, options) ?? false;
  }

  // What the server tells.

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "canvas.snapshot":
        this.#joined(message);
        break;
      case "objects.changed":
        this.#objectsChanged(message);
        break;
      case "objects.refused":
        this.#refused(message.refusals);
        break;
      case "jobs.snapshot":
        this.#previewsChanged(
          this.#previews.keepOnly(
            message.jobs.filter((job) => job.status === "processing").map((job) => job.id),
          ),
        );
        this.#options.onJobMessage(message);
        break;
      case "ai_job_update":
        if (message.status === "processing") this.#previews.begin(message.job_id);
        else this.#previewsChanged(this.#previews.end(message.job_id));
        this.#options.onJobMessage(message);
        break;
      case "ai_job_complete":
      case "ai_job_error":
        this.#jobBuffer.release(message.job_id);
        this.#previewsChanged(this.#previews.end(message.job_id));
        this.#options.onJobMessage(message);
        break;
      case "ai_job_deleted":
        this.#options.onJobMessage(message);
        break;
      case "job.preview":
        this.#previewed(message);
        break;
      case "presence.joined":
        this.#joinedOrStillHere(message.member);
        break;
      case "presence.left":
        this.#left(message.client_id);
        break;
      case "presence.pointer":
        this.#cursorMoved(message.client_id, {
          pointer: { x: message.x, y: message.y },
          button: message.button,
        });
        break;
      case "presence.selection":
        this.#cursorMoved(message.client_id, { selectedIds: message.object_ids });
        break;
      case "canvas.renamed":
        this.#options.onTitle(message.title);
        break;
      case "access.changed":
        this.store.setState({ deleted: message.reason === "deleted" });
        this.#rolesTold += 1;
        this.#roleChanged(message.role);
        break;
      case "resync":
        this.#options.onResync();
        void this.#fetchMissed();
        break;
      case "error":
        this.#options.onNotice(message.error);
        break;
      case "pong":
        break;
      default:
        assertNever(message);
    }
  }

  #joined(message: MessageOf<"canvas.snapshot">): void {
    this.#clientId = message.client_id;
    this.#rolesTold += 1;
    this.#cursors.clear();
    this.#heardOfAt.clear();
    this.#membersChanged(() => message.members_online);
    if (message.title !== null) this.#options.onTitle(message.title);
    // Who is here knows nothing of it: to them this is a new connection.
    const { selectedIds } = this.store.getState();
    if (selectedIds.length > 0) this.noteSelection(selectedIds);
    if (message.objects === null) {
      this.#roleChanged(message.role);
      void this.#fetchMissed();
      return;
    }
    this.#stopCatchingUp();
    this.#heldSeq.startAt(message.seq);
    this.#loaded(message.objects, message.role);
    // Everything that this page holds is older than what it just got.
    this.#takeAwayOthers(message.objects, Number.POSITIVE_INFINITY);
    if (this.#givenUp.size > 0 && !this.#catchUp) void this.#fetchMissed();
    this.#send();
  }

  #objectsChanged(message: MessageOf<"objects.changed">): void {
    this.#heldSeq.receive(message.objects);
    const mine = message.job_id !== null && message.actor.user_id === this.#options.userId;
    if (mine && message.job_id !== null) {
      this.#jobBuffer.add(message.job_id, message.objects);
    } else {
      // What my job made is drawn before what others made of it, or it would be no step of mine.
      this.#jobBuffer.releaseWith(message.objects);
      this.#draw(message.objects, { undoable: false });
    }
    // What is being fetched may bring it; otherwise it is asked for afterwards.
    if (this.#heldSeq.hasGap && !this.#catchUp) void this.#fetchMissed();
  }

  #previewed(message: MessageOf<"job.preview">): void {
    const isFirst = !this.#previews.has(message.job_id);
    if (!this.#previews.show(message.job_id, message.elements)) return;
    this.#previewsChanged(true);
    this.#later(`preview ${message.job_id}`, PREVIEW_MS, () =>
      this.#previewsChanged(this.#previews.forget(message.job_id)),
    );
    const area = areaOf(message.elements);
    if (isFirst && area && message.user_id === this.#options.userId) this.#editor?.reveal(area);
  }

  #previewsChanged(changed: boolean): void {
    if (changed) this.store.setState({ previews: this.#previews.elements() });
  }

  #drawOwnJob(jobId: string, rows: readonly ObjectRow[]): void {
    const isFirstDrawing = this.getElements().every((element) => element.isDeleted);
    this.#draw(rows, { undoable: true });
    const live = rows.filter((row) => !row.is_deleted).map((row) => row.id);
    const ids = live.length > 0 ? live : this.objectsOfJob(jobId);
    // Where nothing else is, nobody loses his place, and the drawing belongs in the middle.
    this.#editor?.show(ids, { onlyIfHidden: !isFirstDrawing });
  }

  #draw(rows: readonly ObjectRow[], options: { undoable: boolean }): void {
    for (const row of rows) {
      if (row.job_id === null) continue;
      // The real objects take the place of the preview.
      this.#previewsChanged(this.#previews.end(row.job_id));
      const ids = this.#objectsOfJob.get(row.job_id) ?? new Set();
      this.#objectsOfJob.set(row.job_id, ids.add(row.id));
    }
    this.#edits.receive(rows);
    if (this.#editor) {
      this.#editor.merge(
        rows.map((row) => row.properties),
        options,
      );
    } else {
      this.#waitingRows.push(...rows);
    }
    this.#updateSaveState();
  }

  #refused(refusals: readonly Refusal[]): void {
    const sentences = new Set<string>();
    const toRestore: { id: string; element: CanvasElement | null }[] = [];
    for (const { id, object, error } of refusals) {
      if (this.#edits.refuse(id, object)) {
        toRestore.push({ id, element: object?.properties ?? null });
        sentences.add(error);
      } else if (object) {
        this.#editor?.merge([object.properties], { undoable: false });
        // Losing against one's own later edit, sent another way, is no news to anybody.
        if (object.updated_by !== this.#options.userId) sentences.add(error);
      }
    }
    if (toRestore.length > 0) this.#editor?.restore(toRestore);
    for (const sentence of sentences) this.#options.onNotice(sentence);
    this.#updateSaveState();
  }

  #loaded(rows: readonly ObjectRow[], role: Role): void {
    const firstTime = !this.store.getState().loaded;
    this.#jobBuffer.releaseAll();
    this.#roleChanged(role);
    if (firstTime) {
      this.#draw(rows, { undoable: false });
      this.store.setState({ loaded: true });
      // Who was quicker than the server has drawn already, and nothing else may change for a while.
      this.noteElements(this.getElements());
      this.#bringBackKept();
      this.#editor?.showAll();
      return;
    }
    // What my own job drew while the line was down is as undoable as if the message had come.
    const mine = new Map<string, ObjectRow[]>();
    const others: ObjectRow[] = [];
    for (const row of rows) {
      const jobId = this.#myJobBehind(row);
      if (jobId === null) others.push(row);
      else mine.set(jobId, [...(mine.get(jobId) ?? []), row]);
    }
    this.#draw(others, { undoable: false });
    for (const [jobId, drawn] of mine) this.#drawOwnJob(jobId, drawn);
  }

  /** My job that changed a row this page did not know, or that made its object, whoever touched that since. */
  #myJobBehind(row: ObjectRow): string | null {
    if (!this.#edits.isNews(row)) return null;
    if (row.job_id !== null && row.updated_by === this.#options.userId) return row.job_id;
    const isNew = !this.#edits.isHeld(row.id);
    return isNew && row.created_by === this.#options.userId ? row.created_by_job_id : null;
  }

  /** What is not on the canvas any more, not even as a tombstone, goes from the page too. */
  #takeAwayOthers(rows: readonly ObjectRow[], seq: number): void {
    const gone = this.#edits.forgetOthers(rows, seq);
    if (gone.length > 0) this.#editor?.restore(gone.map((id) => ({ id, element: null })));
  }

  #roleChanged(role: Role | null): void {
    const before = this.store.getState().role;
    this.store.setState({ role });
    if (role === "viewer" && before !== null && before !== "viewer" && this.#edits.size > 0) {
      this.#options.onNotice(NO_LONGER_EDITOR);
      for (const id of this.#edits.clear()) this.#givenUp.add(id);
      void this.#fetchMissed();
    }
  }

  #putBack(ids: readonly string[], rows: readonly ObjectRow[]): void {
    const held = new Map(rows.map((row) => [row.id, row.properties]));
    for (const id of ids) this.#givenUp.delete(id);
    if (ids.length > 0) this.#editor?.restore(ids.map((id) => ({ id, element: held.get(id) ?? null })));
  }

  // Sending.

  readonly #send = (): void => {
    if (!this.#mayEdit || this.#connection.status.kind !== "online" || this.#clientId === null) return;
    for (const batch of this.#takeBatches()) {
      this.#batchNumber += 1;
      this.#connection.send({
        type: "objects.change",
        objects: batch.map((element) => ({ id: element.id, properties: element })),
        client_id: `batch-${this.#batchNumber}`,
      });
    }
    this.#updateSaveState();
  };

  #takeBatches(): CanvasElement[][] {
    const now = Date.now();
    const tooLarge = this.#edits.takeTooLarge(now);
    if (tooLarge.length > 0) void this.#refuseTooLarge(tooLarge);
    return this.#edits.takeBatches(now);
  }

  /** Puts back what the server holds of objects that it would not take as they are now. */
  async #refuseTooLarge(ids: readonly string[]): Promise<void> {
    let held: readonly ObjectRow[] = [];
    try {
      if (ids.some((id) => this.#edits.isHeld(id)))
        held = (await getSnapshot(this.#options.canvasId, null)).objects;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // They come up again with the next sweep.
      return;
    }
    this.#refused(
      ids.map((id) => ({
        id,
        code: "too_large",
        error: TOO_LARGE,
        object: held.find((row) => row.id === id) ?? null,
      })),
    );
  }

  readonly #sweep = (): void => {
    this.#send();
    this.#dropSilentMembers();
    this.#later("sweep", SWEEP_EVERY_MS, this.#sweep);
  };

  /**
   * While the socket is down, edits are saved and others' fetched over HTTP, if that works. What could not be fetched
   * is asked for again, whatever the socket does.
   */
  readonly #poll = (): void => {
    const { connection, loaded } = this.store.getState();
    const isOnline = connection.kind === "online";
    const needed = connection.kind !== "closed" && (!isOnline || !loaded || this.#isBehind);
    if (needed && !this.#catchUp) void this.#fetchMissed();
    const saved = needed && !isOnline ? this.#saveByHttp() : Promise.resolve();
    void saved.finally(() => {
      if (this.#timers.has("poll")) this.#later("poll", POLL_EVERY_MS, this.#poll);
    });
  };

  async #saveByHttp(): Promise<void> {
    if (!this.#mayEdit || this.#saving || !this.store.getState().loaded) return;
    this.#saving = true;
    try {
      for (const batch of this.#takeBatches()) {
        const answer = await putObjects(this.#options.canvasId, batch);
        const applied: ObjectRow[] = [];
        const refused: Refusal[] = [];
        for (const result of answer.results) {
          if (result.status === "applied") applied.push(result.object);
          else refused.push(result);
        }
        this.#draw(applied, { undoable: false });
        if (refused.length > 0) this.#refused(refused);
      }
    } catch (error) {
      this.#edits.markUnsent();
      if (!(error instanceof ApiError)) throw error;
      if (error.status >= 400 && error.status < 500) this.#options.onNotice(error.message);
    } finally {
      this.#saving = false;
      this.#updateSaveState();
    }
  }

  /** Fetches what changed since the last state without a gap. After a failure it is for the poll to try again. */
  async #fetchMissed(): Promise<void> {
    this.#isBehind = true;
    // One at a time: if each gap began it anew, it would never end on a slow line.
    if (this.#catchUp) return;
    const controller = new AbortController();
    this.#catchUp = controller;
    let since: number | null;
    try {
      do {
        // What was given up may be older than that: then all is asked for.
        const givenUp = [...this.#givenUp];
        since = this.#heldSeq.upTo;
        this.#isBehind = false;
        const rolesTold = this.#rolesTold;
        const snapshot = await getSnapshot(
          this.#options.canvasId,
          givenUp.length > 0 ? null : since,
          controller.signal,
        );
        if (controller.signal.aborted) return;
        if (this.#heldSeq.caughtUp(snapshot)) this.#isBehind = true;
        const { role } = this.store.getState();
        this.#loaded(snapshot.objects, role !== null && rolesTold < this.#rolesTold ? role : snapshot.role);
        if (snapshot.full) this.#takeAwayOthers(snapshot.objects, snapshot.seq);
        this.#putBack(givenUp, snapshot.objects);
        this.#send();
        // An answer that brought nothing brings nothing at once, either.
      } while (this.#isBehind && this.#heldSeq.upTo !== since);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#isBehind = true;
      if (!(error instanceof ApiError)) throw error;
    } finally {
      if (this.#catchUp === controller) this.#catchUp = null;
    }
  }

  #stopCatchingUp(): void {
    this.#catchUp?.abort();
    this.#catchUp = null;
    this.#isBehind = false;
  }

  // Presence and state.

  #joinedOrStillHere(member: OnlineMember): void {
    this.#heardOfAt.set(member.client_id, Date.now());
    this.#membersChanged((members) =>
      members.some(({ client_id }) => client_id === member.client_id)
        ? members.map((held) => (held.client_id === member.client_id ? member : held))
        : [...members, member],
    );
  }

  #left(clientId: string): void {
    this.#cursors.delete(clientId);
    this.#heardOfAt.delete(clientId);
    this.#membersChanged((members) => members.filter((member) => member.client_id !== clientId));
  }

  /** Nobody tells of those whose web process was killed. */
  #dropSilentMembers(): void {
    const longAgo = Date.now() - SILENT_MEMBER_MS;
    for (const [clientId, heardAt] of this.#heardOfAt) if (heardAt < longAgo) this.#left(clientId);
  }

  #membersChanged(change: (members: readonly OnlineMember[]) => readonly OnlineMember[]): void {
    const members = change(this.store.getState().membersOnline);
    this.store.setState({ membersOnline: members });
    for (const member of members) {
      if (member.client_id === this.#clientId || this.#cursors.has(member.client_id)) continue;
      this.#cursors.set(member.client_id, {
        clientId: member.client_id,
        userId: member.user_id,
        name: member.name,
        pointer: null,
        button: "up",
        selectedIds: [],
      });
    }
    this.#showCursors();
  }

  #cursorMoved(clientId: string, change: Partial<RemoteCursor>): void {
    const cursor = this.#cursors.get(clientId);
    if (!cursor) return;
    this.#cursors.set(clientId, { ...cursor, ...change });
    this.#showCursors();
  }

  #showCursors(): void {
    this.#soon("cursors", CURSORS_EVERY_MS, () => this.#editor?.showCursors([...this.#cursors.values()]));
  }

  #statusChanged(status: ConnectionStatus): void {
    this.store.setState({ connection: status });
    if (status.kind !== "online") {
      this.#clientId = null;
      this.#edits.markUnsent();
      this.#cursors.clear();
      this.#previewsChanged(this.#previews.keepOnly([]));
      this.store.setState({ membersOnline: [] });
      this.#showCursors();
    }
    if (status.kind === "closed") this.#closedFor(status.reason);
    this.#updateSaveState();
  }

  #closedFor(reason: CloseReason): void {
    if (reason === "not_signed_in") this.#isSignedOut = true;
    if ((reason === "no_access" || reason === "unknown_canvas") && this.#edits.size > 0) {
      this.#edits.clear();
      this.#options.onNotice("Your last changes to this canvas could not be saved.");
    }
  }

  readonly #noteSignedOut = (): void => {
    this.#isSignedOut = true;
  };

  #keepUnsaved(): void {
    if (this.#edits.size === 0 || this.#options.isSigningOut()) return;
    this.#options.onNotice(
      keepEdits(this.#options, this.#edits.elements)
        ? "You were signed out. Sign in and come back to this canvas: your last changes are saved then."
        : "You were signed out. Your last changes were not saved.",
    );
  }

  /** What could not be saved before the sign-in ended is drawn again, and sent like any edit. */
  #bringBackKept(): void {
    if (!this.#editor || !this.store.getState().loaded) return;
    const kept = takeKeptEdits(this.#options);
    if (kept.length === 0) return;
    if (this.#mayEdit) this.#editor.merge(kept, { undoable: false });
    else this.#options.onNotice(NO_LONGER_EDITOR);
  }

  #updateSaveState(): void {
    const online = this.store.getState().connection.kind === "online";
    const save: SaveState = !online ? "offline" : this.#edits.size > 0 ? "saving" : "saved";
    if (save !== this.store.getState().save) this.store.setState({ save });
  }

  readonly #warnOfUnsaved = (event: BeforeUnloadEvent): void => {
    if (this.#edits.size > 0) event.preventDefault();
  };

  get #mayEdit(): boolean {
    const { role } = this.store.getState();
    return role === "owner" || role === "editor";
  }

  /** Its file would stay in this browser: everybody else would see an empty frame. */
  #isNewPicture(element: CanvasElement): boolean {
    return element.type === "image" && !element.isDeleted && !this.#edits.isHeld(element.id);
  }

  #isWorthSending(element: CanvasElement): boolean {
    return this.#editor?.isWorthSending(element) ?? false;
  }

  /** Runs once, at the end of the interval that the first call of a burst began. */
  #soon(name: string, milliseconds: number, run: () => void): void {
    if (this.#timers.has(name)) return;
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        run();
      }, milliseconds),
    );
  }

  #later(name: string, milliseconds: number, run: () => void): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(run, milliseconds));
  }
}
