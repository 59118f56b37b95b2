import { describe, expect, test } from "vitest";

import { winner } from "@/canvas/merge";
import { mergeCases } from "@/test/sharedExamples";

describe("of two states of one object", () => {
  test.each(mergeCases())("$name: the $winner one stays", ({ local, remote, winner: expected }) => {
    const toStamp = (state: { version: number; version_nonce: number }) => ({
      version: state.version,
      versionNonce: state.version_nonce,
    });
    expect(winner(local && toStamp(local), toStamp(remote))).toBe(expected);
  });
});
