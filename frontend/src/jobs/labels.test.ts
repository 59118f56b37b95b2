import { describe, expect, test } from "vitest";

import { leftAlone } from "@/jobs/labels";
import { makeJob } from "@/test/factories";

const EDITED = [
  { id: "box", name: "Coffee", error: "Somebody changed this since." },
  { id: "label", name: "Coffee", error: "Somebody changed this since." },
];

describe("what an undo left alone", () => {
  test("is nothing to speak of where there is nothing", () => {
    expect(leftAlone({ job: makeJob(), changed: ["box"], conflicts: [] })).toBeNull();
  });

  test("is named once, with what to do, when nothing was taken back", () => {
    const sentence = leftAlone({ job: makeJob({ undone_at: null }), changed: [], conflicts: EDITED });
    expect(sentence).toBe(
      "Nothing was taken back: somebody changed “Coffee” since. Undo that change first, then try again.",
    );
  });

  test("is named when the rest was taken back", () => {
    const sentence = leftAlone({ job: makeJob(), changed: ["other"], conflicts: EDITED });
    expect(sentence).toBe("“Coffee” was left as it is, because somebody changed it since.");
  });
});
