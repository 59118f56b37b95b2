import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { identityEvents } from "@/api/http";
import type { CanvasElement, ObjectRow } from "@/api/models";
import type { Area, EditorPort, View } from "@/canvas/editor/port";
import { winner } from "@/canvas/merge";
import { CanvasSession } from "@/canvas/session";
import { makeRow } from "@/test/factories";
import { FakeSocket } from "@/test/FakeSocket";

const ME = 1;

/** The editor's behaviour as far as synchronising goes: merges by the rule, reports every change. */
class FakeEditor implements EditorPort {
  readonly elements = new Map<string, CanvasElement>();
  readonly undoSteps: string[][] = [];
  readonly shown: (readonly string[])[] = [];

  constructor(readonly session: CanvasSession) {}

  merge(elements: readonly CanvasElement[], { undoable }: { undoable: boolean }): void {
    for (const element of elements) {
      if (winner(this.elements.get(element.id) ?? null, element) === "remote") {
        this.elements.set(element.id, element);
      }
    }
    if (undoable) this.undoSteps.push(elements.map(({ id }) => id));
    this.session.noteElements(this.getElements());
  }

  restore(rows: readonly { id: string; element: CanvasElement | null }[]): void {
    for (const { id, element } of rows) {
      if (element) this.elements.set(id, element);
      else this.elements.delete(id);
    }
    this.session.noteElements(this.getElements());
  }

  showCursors(): void {}

  /** The objects of those calls that leave the view alone where all of them are seen. */
  readonly shownIfHidden: (readonly string[])[] = [];

  show(ids: readonly string[], options: { onlyIfHidden?: boolean } = {}): boolean {
    (options.onlyIfHidden ? this.shownIfHidden : this.shown).push(ids);
    return ids.some((id) => this.elements.has(id));
  }

  showAll(): void {
    this.shown.push(["all"]);
  }

  readonly revealed: Area[] = [];

  reveal(area: Area): void {
    this.revealed.push(area);
  }

  getView(): View {
    return { scrollX: 0, scrollY: 0, zoom: 1 };
  }

  getElements(): readonly CanvasElement[] {
    return [...this.elements.values()];
  }

  isWorthSending(element: CanvasElement): boolean {
    return !element.isDeleted;
  }

  draw(id: string, version: number): void {
    this.elements.set(id, makeRow(id, version).properties);
    this.session.noteElements(this.getElements());
  }
}

let session: CanvasSession;
let editor: FakeEditor;
let notices: string[];
let titles: string[];
let fetched: string[];
/** Whether the server tells all of the canvas because it can no longer tell the changes. */
let full: boolean;
let signingOut: boolean;
/** What the server answers when it is asked for the canvas or its changes. */
let answer: () => Response | Promise<Response>;

const told = (objects: ObjectRow[], seq: number, changes: object = {}) =>
  Response.json({ objects, seq, full, role: "editor", ...changes });

/** The server takes its time, until what is returned is called with its answer. */
function answerLater(): (response: Response) => void {
  let resolve: (response: Response) => void = () => undefined;
  const promise = new Promise<Response>((call) => (resolve = call));
  answer = () => promise;
  return (response) => resolve(response);
}

const changesSent = () =>
  FakeSocket.last.sent
    .filter((message) => message.type === "objects.change")
    .map((message) => (message["objects"] as { id: string }[]).map(({ id }) => id));

function join(objects: ObjectRow[] = [], changes: object = {}): void {
  FakeSocket.last.accept();
  FakeSocket.last.deliver({
    type: "canvas.snapshot",
    objects,
    seq: 10,
    title: "Plan",
    role: "editor",
    client_id: "c-me",
    members_online: [{ client_id: "c-me", user_id: ME, name: "ada" }],
    ...changes,
  });
}

/** The line is lost, and stands again. */
function joinAgain(objects: ObjectRow[]): void {
  FakeSocket.last.hangUp(1006);
  vi.advanceTimersByTime(500);
  join(objects);
}

function changed(objects: ObjectRow[], seq: number, from: { user?: number; job?: string } = {}): void {
  FakeSocket.last.deliver({
    type: "objects.changed",
    objects,
    seq,
    actor: { user_id: from.user ?? 2, name: "x", client_id: null },
    job_id: from.job ?? null,
  });
}

function makeSession(userId = ME): CanvasSession {
  return new CanvasSession({
    canvasId: "canvas",
    userId,
    onJobMessage: () => undefined,
    onTitle: (title) => titles.push(title),
    onResync: () => undefined,
    onNotice: (sentence) => notices.push(sentence),
    isSigningOut: () => signingOut,
  });
}

/** The page is left, and this person opens the canvas again. */
function openAgain(userId: number, objects: ObjectRow[], changes: object = {}): void {
  session.stop();
  session = makeSession(userId);
  editor = new FakeEditor(session);
  session.start();
  session.attachEditor(editor);
  join(objects, changes);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  notices = [];
  titles = [];
  fetched = [];
  full = false;
  answer = () => told([makeRow("missed", 1, 1, { seq: 12 })], 13);
  vi.stubGlobal("fetch", async (path: string) => {
    fetched.push(path);
    return answer();
  });
  signingOut = false;
  session = makeSession();
  editor = new FakeEditor(session);
  session.start();
  session.attachEditor(editor);
});

afterEach(() => {
  session.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("an open canvas", () => {
  test("shows the snapshot and sends nothing back", () => {
    join([makeRow("a", 3)]);
    vi.advanceTimersByTime(500);
    expect([...editor.elements.keys()]).toEqual(["a"]);
    expect(changesSent()).toEqual([]);
    expect(session.store.getState()).toMatchObject({ save: "saved", role: "editor", loaded: true });
  });

  test("keeps what came before the editor was ready", () => {
    session.stop();
    session = makeSession();
    session.start();
    join([makeRow("early", 1)]);
    editor = new FakeEditor(session);
    session.attachEditor(editor);
    expect([...editor.elements.keys()]).toEqual(["early"]);
  });

  test("sends what was drawn before the snapshot came", () => {
    FakeSocket.last.accept();
    editor.draw("quick", 1);
    vi.advanceTimersByTime(500);
    expect(changesSent()).toEqual([]);
    join([makeRow("a", 3)]);
    expect(changesSent()).toEqual([["quick"]]);
    expect(session.store.getState().save).toBe("saving");
  });

  test("gathers edits into few messages and says Saved when the server has them", () => {
    join();
    for (let version = 1; version <= 20; version += 1) {
      editor.draw("a", version);
      vi.advanceTimersByTime(10);
    }
    expect(changesSent().length).toBeLessThanOrEqual(3);
    expect(session.store.getState().save).toBe("saving");
    vi.advanceTimersByTime(100);
    changed([makeRow("a", 20, 1, { seq: 11 })], 11, { user: ME });
    expect(session.store.getState().save).toBe("saved");
    const sent = changesSent().length;
    vi.advanceTimersByTime(1_000);
    expect(changesSent()).toHaveLength(sent);
  });

  test("keeps an edit through a lost connection and sends it after the next snapshot", () => {
    join();
    FakeSocket.last.hangUp(1006);
    editor.draw("offline", 1);
    expect(session.store.getState().save).toBe("offline");
    vi.advanceTimersByTime(500);
    join();
    expect(changesSent()).toEqual([["offline"]]);
  });

  test("makes one step of Ctrl+Z of all that my job drew", () => {
    join();
    changed([makeRow("a", 1, 1, { seq: 11 })], 11, { user: ME, job: "job" });
    changed([makeRow("b", 1, 1, { seq: 12 })], 12, { user: ME, job: "job" });
    expect(editor.undoSteps).toEqual([]);
    FakeSocket.last.deliver({
      type: "ai_job_complete",
      job_id: "job",
      status: "completed",
      result: null,
      revision: 4,
    });
    expect(editor.undoSteps).toEqual([["a", "b"]]);
    expect(editor.shown.at(-1)).toEqual(["a", "b"]);
    expect(session.objectsOfJob("job")).toEqual([]);
  });

  test("brings the first drawing of an empty canvas to the middle, and later ones only where they are hidden", () => {
    join();
    changed([makeRow("a", 1, 1, { seq: 11 })], 11, { user: ME, job: "first" });
    vi.advanceTimersByTime(200);
    changed([makeRow("b", 1, 1, { seq: 12 })], 12, { user: ME, job: "second" });
    vi.advanceTimersByTime(200);
    expect(editor.shown.at(-1)).toEqual(["a"]);
    expect(editor.shownIfHidden).toEqual([["b"]]);
  });

  test("draws my job's objects soon even when its end is not announced", () => {
    join();
    changed([makeRow("a", 1, 1, { seq: 11 })], 11, { user: ME, job: "job" });
    vi.advanceTimersByTime(200);
    expect(editor.undoSteps).toEqual([["a"]]);
  });

  test("counts to that step what somebody touched before this page saw it", () => {
    const drawn = { job_id: "job", created_by_job_id: "job", created_by: ME, updated_by: ME };
    const touched = { ...drawn, job_id: null, updated_by: 2 };
    join([makeRow("theirs", 1, 1, { created_by: 2, updated_by: 2 })]);
    joinAgain([
      makeRow("theirs", 2, 1, { created_by: 2, updated_by: 2 }),
      makeRow("a", 1, 1, drawn),
      makeRow("b", 2, 1, touched),
    ]);
    expect(editor.undoSteps).toEqual([["a", "b"]]);

    const later = { ...drawn, job_id: "later", created_by_job_id: "later" };
    changed([makeRow("c", 1, 1, { ...later, seq: 11 })], 11, { user: ME, job: "later" });
    changed([makeRow("c", 2, 1, { ...later, job_id: null, updated_by: 2, seq: 12 })], 12, { user: 2 });
    expect(editor.undoSteps).toEqual([["a", "b"], ["c"]]);
    expect(editor.elements.get("c")?.version).toBe(2);
    // An object known before is no news of my job when somebody touches it.
    changed([makeRow("a", 2, 1, { ...touched, seq: 13 })], 13, { user: 2 });
    joinAgain([
      makeRow("theirs", 2, 1, { created_by: 2, updated_by: 2 }),
      makeRow("a", 3, 1, touched),
      makeRow("b", 2, 1, touched),
      makeRow("c", 2, 1, touched),
    ]);
    expect(editor.undoSteps).toHaveLength(2);
  });

  test("does not let me undo what others or their jobs drew", () => {
    join();
    changed([makeRow("a", 1, 1, { seq: 11 })], 11, { user: 2 });
    changed([makeRow("b", 1, 1, { seq: 12 })], 12, { user: 2, job: "theirs" });
    vi.advanceTimersByTime(200);
    expect([...editor.elements.keys()]).toEqual(["a", "b"]);
    expect(editor.undoSteps).toEqual([]);
  });

  test("fetches what it missed when the sequence has a gap", async () => {
    join();
    changed([makeRow("late", 1, 1, { seq: 13 })], 13);
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched).toEqual(["/api/canvases/canvas/snapshot?since_seq=10"]);
    expect([...editor.elements.keys()].sort()).toEqual(["late", "missed"]);
  });

  test("fetches what was missed before a second gap, too", async () => {
    join();
    const resolve = answerLater();
    changed([makeRow("c", 1, 1, { seq: 13 })], 13);
    changed([makeRow("f", 1, 1, { seq: 16 })], 16);
    FakeSocket.last.deliver({ type: "resync" });
    answer = () => told([makeRow("d", 1, 1, { seq: 14 }), makeRow("e", 1, 1, { seq: 15 })], 16);
    resolve(told([makeRow("a", 1, 1, { seq: 11 }), makeRow("b", 1, 1, { seq: 12 })], 13));
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched.map((path) => path.split("=")[1])).toEqual(["10", "13"]);
    expect([...editor.elements.keys()].sort()).toEqual(["a", "b", "c", "d", "e", "f"]);
    changed([makeRow("g", 1, 1, { seq: 17 })], 17);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetched).toHaveLength(2);
  });

  test("asks again for what it missed until there is an answer, though the line stands", async () => {
    join();
    answer = () => Response.json({ error: "Busy.", code: "busy" }, { status: 503 });
    changed([makeRow("late", 1, 1, { seq: 13 })], 13);
    await vi.advanceTimersByTimeAsync(10);
    expect([...editor.elements.keys()]).toEqual(["late"]);
    answer = () => told([makeRow("missed", 1, 1, { seq: 12 })], 13);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetched).toEqual(Array(2).fill("/api/canvases/canvas/snapshot?since_seq=10"));
    expect([...editor.elements.keys()].sort()).toEqual(["late", "missed"]);
  });

  test("fetches a canvas that is too large for one message, and after a lost connection only what changed", async () => {
    const boxes = Array.from({ length: 4_000 }, (_, index) =>
      makeRow(`box-${index}`, 1, 1, { seq: index + 1 }),
    );
    full = true;
    answer = () => told(boxes, 4_000);
    join([], { objects: null, seq: 4_000 });
    expect(session.store.getState().loaded).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(editor.elements.size).toBe(4_000);
    expect(session.store.getState()).toMatchObject({ save: "saved", role: "editor", loaded: true });
    editor.draw("mine", 1);
    vi.advanceTimersByTime(100);
    expect(changesSent()).toEqual([["mine"]]);

    full = false;
    answer = () => told([makeRow("theirs", 1, 1, { seq: 4_001 })], 4_001);
    FakeSocket.last.hangUp(1006);
    vi.advanceTimersByTime(500);
    join([], { objects: null, seq: 4_001 });
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched).toEqual([
      "/api/canvases/canvas/snapshot",
      "/api/canvases/canvas/snapshot?since_seq=4000",
    ]);
    expect(editor.elements.size).toBe(4_002);
    expect(changesSent()).toEqual([["mine"]]);
  });

  test("takes away what is not in a full answer, except what came since and what I just edited", async () => {
    full = true;
    join([makeRow("forgotten", 1, 1, { seq: 1 }), makeRow("edited", 1, 1, { seq: 2 })]);
    editor.draw("edited", 2);
    changed([makeRow("late", 1, 1, { seq: 14 })], 14);
    await vi.advanceTimersByTimeAsync(10);
    expect([...editor.elements.keys()].sort()).toEqual(["edited", "late", "missed"]);
  });

  test("takes away after a lost connection what the canvas no longer knows", () => {
    join([makeRow("forgotten", 1), makeRow("kept", 1)]);
    FakeSocket.last.hangUp(1006);
    editor.draw("mine", 1);
    vi.advanceTimersByTime(500);
    join([makeRow("kept", 1)]);
    expect([...editor.elements.keys()].sort()).toEqual(["kept", "mine"]);
    expect(changesSent()).toEqual([["mine"]]);
  });

  test("fetches nothing when one edit comes in several messages", async () => {
    join();
    changed([makeRow("a", 1, 1, { seq: 11 }), makeRow("b", 1, 1, { seq: 12 })], 12);
    changed([makeRow("c", 1, 1, { seq: 13 })], 13);
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched).toEqual([]);
  });

  test("says why an edit was refused and puts back what the server holds", () => {
    join([makeRow("a", 4)]);
    editor.draw("a", 5);
    editor.draw("new", 1);
    vi.advanceTimersByTime(100);
    FakeSocket.last.deliver({
      type: "objects.refused",
      client_id: "batch-1",
      refusals: [
        { id: "a", code: "invalid_object", error: "width: must be a number.", object: makeRow("a", 4) },
        { id: "new", code: "invalid_object", error: "width: must be a number.", object: null },
      ],
    });
    expect(notices).toEqual(["width: must be a number."]);
    expect(editor.getElements().map(({ id, version }) => [id, version])).toEqual([["a", 4]]);
    expect(session.store.getState().save).toBe("saved");
    vi.advanceTimersByTime(1_000);
    expect(changesSent()).toHaveLength(1);
  });

  test("takes a new picture away again and says so, but none that the server holds", () => {
    const picture = (id: string) => {
      const row = makeRow(id, 1);
      return { ...row, properties: { ...row.properties, type: "image" } };
    };
    join([picture("old")]);
    editor.elements.set("new", picture("new").properties);
    editor.draw("beside", 1);
    expect([...editor.elements.keys()]).toEqual(["old", "beside"]);
    expect(notices).toEqual(["Pictures cannot be kept on a canvas, so none was added."]);
    vi.advanceTimersByTime(100);
    expect(changesSent()).toEqual([["beside"]]);
  });

  test("sends nothing for a viewer", () => {
    join([], { role: "viewer" });
    editor.draw("a", 1);
    vi.advanceTimersByTime(500);
    expect(changesSent()).toEqual([]);
  });

  test("tells when the right to edit is taken away", () => {
    join();
    FakeSocket.last.deliver({ type: "access.changed", role: "viewer" });
    expect(session.store.getState().role).toBe("viewer");
    editor.draw("a", 1);
    vi.advanceTimersByTime(500);
    expect(changesSent()).toEqual([]);
  });

  test("tells a canvas that was deleted from one that was taken away", () => {
    join();
    FakeSocket.last.deliver({ type: "access.changed", role: null });
    expect(session.store.getState().deleted).toBe(false);
    FakeSocket.last.deliver({ type: "access.changed", role: null, reason: "deleted" });
    expect(session.store.getState().deleted).toBe(true);
  });

  test("hears of a new title, also of one that was given while the line was down", () => {
    join();
    FakeSocket.last.deliver({ type: "canvas.renamed", title: "Plan for spring" });
    FakeSocket.last.hangUp(1006);
    vi.advanceTimersByTime(500);
    join([], { title: "Plan for autumn" });
    expect(titles).toEqual(["Plan", "Plan for spring", "Plan for autumn"]);
  });

  test("shows what the server holds once the right to edit is gone, and sends nothing when it comes back", async () => {
    join([makeRow("a", 4)]);
    editor.draw("a", 5);
    editor.draw("new", 1);
    answer = () => Response.json({ error: "Busy.", code: "busy" }, { status: 503 });
    FakeSocket.last.deliver({ type: "access.changed", role: "viewer" });
    await vi.advanceTimersByTimeAsync(10);
    FakeSocket.last.deliver({ type: "access.changed", role: "editor" });
    editor.draw("later", 1);
    full = true;
    answer = () => told([makeRow("a", 4)], 10);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetched.at(-1)).toBe("/api/canvases/canvas/snapshot");
    expect(editor.getElements().map(({ id, version }) => [id, version])).toEqual([
      ["a", 4],
      ["later", 1],
    ]);
    expect(changesSent().flat()).toEqual(expect.not.arrayContaining(["a", "new"]));
    editor.draw("a", 6);
    await vi.advanceTimersByTimeAsync(100);
    expect(changesSent().at(-1)).toEqual(["a"]);
  });

  test("believes what it was told of its role rather than an answer that was on its way", async () => {
    join();
    const resolve = answerLater();
    FakeSocket.last.deliver({ type: "resync" });
    FakeSocket.last.deliver({ type: "access.changed", role: "viewer" });
    resolve(told([], 10, { role: "editor" }));
    await vi.advanceTimersByTimeAsync(10);
    expect(session.store.getState().role).toBe("viewer");
    answer = () => told([], 10, { role: "owner" });
    FakeSocket.last.deliver({ type: "resync" });
    await vi.advanceTimersByTimeAsync(10);
    expect(session.store.getState().role).toBe("owner");
  });

  describe("where the sign-in ends before everything is saved", () => {
    function signedOutWithEdits(): void {
      join([makeRow("a", 1), makeRow("b", 1)]);
      FakeSocket.last.hangUp(1006);
      editor.draw("a", 2);
      editor.draw("new", 1);
      vi.advanceTimersByTime(500);
      FakeSocket.last.accept();
      FakeSocket.last.hangUp(4401);
    }

    test("keeps that for the same person, who then sends it once", () => {
      signedOutWithEdits();
      openAgain(ME, [makeRow("a", 1), makeRow("b", 1)]);
      expect(notices).toEqual([
        "You were signed out. Sign in and come back to this canvas: your last changes are saved then.",
      ]);
      vi.advanceTimersByTime(500);
      expect(changesSent()).toEqual([["a", "new"]]);
      openAgain(ME, []);
      vi.advanceTimersByTime(500);
      expect(changesSent()).toEqual([]);
    });

    test("hears of it from any call, and keeps nothing that somebody changed since", () => {
      join([makeRow("a", 1)]);
      editor.draw("a", 2);
      identityEvents.dispatchEvent(new Event("signed-out"));
      openAgain(ME, [makeRow("a", 3)]);
      vi.advanceTimersByTime(500);
      expect(editor.elements.get("a")?.version).toBe(3);
      expect(changesSent()).toEqual([]);
    });

    test("keeps nothing for others, or after they were here", () => {
      signedOutWithEdits();
      openAgain(2, []);
      vi.advanceTimersByTime(500);
      openAgain(ME, []);
      vi.advanceTimersByTime(500);
      expect(changesSent()).toEqual([]);
      expect(editor.elements.size).toBe(0);
    });

    test("keeps nothing where that was wanted, or where it was just left", () => {
      signedOutWithEdits();
      signingOut = true;
      openAgain(ME, []);
      expect(editor.elements.size).toBe(0);
      editor.draw("mine", 1);
      openAgain(ME, []);
      expect(editor.elements.size).toBe(0);
      expect(notices).toEqual([]);
    });

    test("says that all is lost where the browser keeps nothing", () => {
      vi.stubGlobal("sessionStorage", {
        getItem: () => null,
        setItem: () => {
          throw new DOMException("full", "QuotaExceededError");
        },
      });
      signedOutWithEdits();
      session.stop();
      expect(notices).toEqual(["You were signed out. Your last changes were not saved."]);
    });

    test("says so to who may only look by now", () => {
      signedOutWithEdits();
      openAgain(ME, [makeRow("a", 1)], { role: "viewer" });
      expect(notices.at(-1)).toBe("You may no longer edit this canvas. Your last changes were not saved.");
      expect(editor.elements.get("a")?.version).toBe(1);
    });
  });

  test.each([4403, 4404])("says that edits are lost when the canvas is taken away (%i)", (code) => {
    join();
    editor.draw("a", 1);
    FakeSocket.last.hangUp(code);
    expect(notices).toEqual(["Your last changes to this canvas could not be saved."]);
    expect(session.hasUnsaved).toBe(false);
  });

  test("sends at most 30 pointers a second, and the last one", () => {
    join();
    for (let index = 0; index < 1_000; index += 1) {
      session.notePointer({ x: index, y: 0, button: "up" });
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(100);
    const pointers = FakeSocket.last.sent.filter((message) => message.type === "presence.pointer");
    expect(pointers.length).toBeLessThanOrEqual(30);
    expect(pointers.at(-1)).toMatchObject({ x: 999 });
  });

  describe("shows what a job is about to draw", () => {
    const BOX = { id: "ghost", type: "rectangle", x: 100, y: 50, width: 140, height: 56 };
    const preview = (from: { job?: string; user?: number } = {}) =>
      FakeSocket.last.deliver({
        type: "job.preview",
        job_id: from.job ?? "j1",
        user_id: from.user ?? ME,
        elements: [BOX],
      });
    const ended = (type: string, status: string) =>
      FakeSocket.last.deliver({ type, job_id: "j1", status, result: null, revision: 9 });
    const shown = () => session.store.getState().previews.map(({ id }) => id);

    test("over the drawing: it is no element, and nothing of it is sent", () => {
      join();
      preview();
      expect(shown()).toEqual(["ghost"]);
      expect(editor.elements.size).toBe(0);
      expect(editor.undoSteps).toEqual([]);
      vi.advanceTimersByTime(5_000);
      expect(changesSent()).toEqual([]);
    });

    test("and brings the first preview of one's own job into view, not those of others", () => {
      join();
      preview({ job: "j2", user: 2 });
      preview();
      preview();
      expect(editor.revealed).toEqual([{ x: 100, y: 50, width: 140, height: 56 }]);
    });

    test.each([
      ["ai_job_complete", "completed"],
      ["ai_job_error", "failed"],
      ["ai_job_error", "cancelled"],
      ["ai_job_update", "queued"],
    ])("until %s says %s, and not again when one comes late", (type, status) => {
      join();
      preview();
      ended(type, status);
      expect(shown()).toEqual([]);
      preview();
      expect(shown()).toEqual([]);
      FakeSocket.last.deliver({ type: "ai_job_update", job_id: "j1", status: "processing", revision: 12 });
      preview();
      expect(shown()).toEqual(["ghost"]);
    });

    test("once each object, also where two jobs are about to change it", () => {
      join();
      preview({ job: "j2", user: 2 });
      preview();
      expect(shown()).toEqual(["ghost"]);
    });

    test("until the real objects are there", () => {
      join();
      preview({ user: 2 });
      changed([makeRow("ghost", 1, 1, { seq: 11, job_id: "j1" })], 11, { job: "j1" });
      expect(shown()).toEqual([]);
    });

    test("for half a minute at most without a next one, and not without a connection", () => {
      join();
      preview();
      vi.advanceTimersByTime(29_000);
      expect(shown()).toEqual(["ghost"]);
      vi.advanceTimersByTime(2_000);
      expect(shown()).toEqual([]);
      preview();
      expect(shown()).toEqual(["ghost"]);
      FakeSocket.last.onclose?.({ code: 1006 });
      expect(shown()).toEqual([]);
    });
  });

  test("keeps people in their places, and drops those of whom nothing is heard any more", () => {
    const announce = (name: string) =>
      FakeSocket.last.deliver({
        type: "presence.joined",
        member: { client_id: `c-${name}`, user_id: 2, name },
      });
    const names = () => session.store.getState().membersOnline.map(({ name }) => name);
    join();
    announce("ben");
    announce("cleo");
    for (let minute = 1; minute <= 4; minute += 1) {
      for (let second = 0; second < 60; second += 5) {
        vi.advanceTimersByTime(5_000);
        FakeSocket.last.deliver({ type: "pong" });
      }
      announce("ben");
      expect(names()).toEqual(minute < 4 ? ["ada", "ben", "cleo"] : ["ada", "ben"]);
    }
  });

  test("tells anew what is selected after a lost connection", () => {
    join([makeRow("a", 1)]);
    session.noteSelection(["a"]);
    vi.advanceTimersByTime(200);
    joinAgain([makeRow("a", 1)]);
    vi.advanceTimersByTime(200);
    expect(FakeSocket.last.sent).toEqual([{ type: "presence.selection", object_ids: ["a"] }]);
  });

  test("knows who is here", () => {
    join();
    FakeSocket.last.deliver({
      type: "presence.joined",
      member: { client_id: "c-ben", user_id: 2, name: "ben" },
    });
    expect(session.store.getState().membersOnline.map(({ name }) => name)).toEqual(["ada", "ben"]);
    FakeSocket.last.deliver({ type: "presence.left", client_id: "c-ben" });
    expect(session.store.getState().membersOnline.map(({ name }) => name)).toEqual(["ada"]);
  });
});
