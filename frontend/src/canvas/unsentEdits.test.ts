import { beforeEach, describe, expect, test } from "vitest";

import { UnsentEdits } from "@/canvas/unsentEdits";
import { makeRow } from "@/test/factories";

const element = (id: string, version: number, nonce = 1) => makeRow(id, version, nonce).properties;
const ids = (batches: { id: string }[][]) => batches.map((batch) => batch.map(({ id }) => id));

describe("edits that the server has not acknowledged", () => {
  let edits: UnsentEdits;
  beforeEach(() => {
    edits = new UnsentEdits();
  });

  test("are sent once and gone when the server shows the same state", () => {
    expect(edits.note(element("a", 1))).toBe(true);
    expect(ids(edits.takeBatches(0))).toEqual([["a"]]);
    expect(edits.takeBatches(10)).toEqual([]);
    edits.receive([makeRow("a", 1)]);
    expect(edits.size).toBe(0);
  });

  test("do not arise from what came from the server", () => {
    edits.receive([makeRow("a", 3)]);
    expect(edits.note(element("a", 3))).toBe(false);
    expect(edits.size).toBe(0);
  });

  test("stay when an older state of the same object is acknowledged", () => {
    edits.note(element("a", 1));
    edits.takeBatches(0);
    edits.note(element("a", 2));
    edits.receive([makeRow("a", 1)]);
    expect(ids(edits.takeBatches(10))).toEqual([["a"]]);
    expect(edits.size).toBe(1);
  });

  test("give way to a state that wins", () => {
    edits.note(element("a", 2, 50));
    edits.receive([makeRow("a", 2, 40)]);
    expect(edits.size).toBe(0);
  });

  test("stay against a state that loses", () => {
    edits.note(element("a", 2, 40));
    edits.receive([makeRow("a", 2, 50)]);
    expect(edits.size).toBe(1);
  });

  test("are sent again after a lost connection, and after a long silence", () => {
    edits.note(element("a", 1));
    edits.takeBatches(0);
    edits.markUnsent();
    expect(ids(edits.takeBatches(10))).toEqual([["a"]]);
    expect(ids(edits.takeBatches(9_000))).toEqual([["a"]]);
  });

  test("are given up when refused, and the older row counts again", () => {
    edits.receive([makeRow("a", 4)]);
    edits.note(element("a", 5));
    edits.takeBatches(0);
    expect(edits.refuse("a", makeRow("a", 4))).toBe(true);
    expect(edits.size).toBe(0);
    expect(edits.note(element("a", 4))).toBe(false);
    expect(edits.note(element("a", 5))).toBe(true);
  });

  test("stay when only an earlier state of the object lost", () => {
    edits.note(element("a", 5));
    edits.takeBatches(0);
    edits.note(element("a", 8));
    expect(edits.refuse("a", makeRow("a", 6))).toBe(false);
    expect(ids(edits.takeBatches(10))).toEqual([["a"]]);
  });

  test("leave in batches of at most 500 objects and well below 1 MB", () => {
    for (let index = 0; index < 1_201; index += 1) edits.note(element(`e${index}`, 1));
    expect(edits.takeBatches(0).map((batch) => batch.length)).toEqual([500, 500, 201]);
    for (let index = 0; index < 8; index += 1) {
      // A Chinese character takes three bytes on the way.
      edits.note({ ...element(`big${index}`, 1), points: "豆".repeat(60_000) });
    }
    expect(edits.takeBatches(1).map((batch) => batch.length)).toEqual([3, 3, 2]);
  });

  test("of objects that no server takes are told apart, once", () => {
    edits.note({ ...element("huge", 1), text: "豆".repeat(70_000) });
    edits.note(element("small", 1));
    expect(edits.takeTooLarge(0)).toEqual(["huge"]);
    expect(ids(edits.takeBatches(0))).toEqual([["small"]]);
    expect(edits.takeTooLarge(10)).toEqual([]);
    edits.refuse("huge", null);
    expect(ids(edits.takeBatches(20_000))).toEqual([["small"]]);
  });
});
