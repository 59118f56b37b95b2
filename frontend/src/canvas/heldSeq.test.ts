import { describe, expect, test } from "vitest";

import { HeldSeq } from "@/canvas/heldSeq";
import { makeRow } from "@/test/factories";

const rows = (...seqs: number[]) => seqs.map((seq) => makeRow(`o${seq}`, 1, 1, { seq }));

function heldUpTo(seq: number): HeldSeq {
  const held = new HeldSeq();
  held.startAt(seq);
  return held;
}

describe("the seq that is held", () => {
  test("knows no gap before the first snapshot", () => {
    const held = new HeldSeq();
    held.receive(rows(5));
    expect([held.upTo, held.hasGap]).toEqual([null, false]);
    expect(held.caughtUp({ seq: 4, full: true })).toBe(true);
    expect(held.upTo).toBe(4);
  });

  test("moves with what follows it and stays before a gap until that is closed", () => {
    const held = heldUpTo(10);
    held.receive(rows(11, 12));
    held.receive(rows(14));
    expect([held.upTo, held.hasGap]).toEqual([12, true]);
    held.receive(rows(13));
    expect([held.upTo, held.hasGap]).toEqual([14, false]);
  });

  test("takes a gap inside one message for what it is", () => {
    const held = heldUpTo(10);
    held.receive(rows(11, 15));
    expect([held.upTo, held.hasGap]).toEqual([11, true]);
  });

  test("moves with an answer, which tells whether more is missing", () => {
    const held = heldUpTo(10);
    held.receive(rows(13, 16));
    expect(held.caughtUp({ seq: 13, full: false })).toBe(true);
    expect(held.upTo).toBe(13);
    expect(held.caughtUp({ seq: 15, full: false })).toBe(false);
    expect(held.upTo).toBe(16);
  });

  test("goes back with a canvas that was restored", () => {
    const held = heldUpTo(100);
    expect(held.caughtUp({ seq: 40, full: true })).toBe(true);
    expect([held.upTo, held.hasGap]).toEqual([40, false]);
    expect(held.caughtUp({ seq: 40, full: false })).toBe(false);
  });
});
