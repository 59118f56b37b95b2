import { describe, expect, test } from "vitest";

import { leftAlone } from "@/jobs/labels";
import { makeJob } from "@/test/factories";

const EDITED = [
  { id: "box", name: "Coffee", error: "Somebody changed this since." },
  { id: "label", name: "Coffee", error: "Somebody changed this since." },
];

describe("what an undo or redo left alone", () => {
  test("is nothing to speak of where there is nothing", () => {
    expect(leftAlone("undo", { job: makeJob(), changed: ["box"], conflicts: [] })).toBeNull();
  });

  test("is named once, with what it costs, when nothing was taken back", () => {
    expect(leftAlone("undo", { job: makeJob(), changed: [], conflicts: EDITED })).toEqual({
      sentence:
        "Nothing was taken back, because somebody changed “Coffee” since. " +
        "Undoing it all the same loses that change.",
      offer: "Undo all the same",
    });
  });

  test("is named when the rest was taken back", () => {
    expect(leftAlone("undo", { job: makeJob(), changed: ["other"], conflicts: EDITED })).toEqual({
      sentence:
        "“Coffee” was left as it is, because somebody changed it since. Undoing it too loses that change.",
      offer: "Undo that too",
    });
  });

  test("is counted where it has no words, in either direction", () => {
    const wordless = EDITED.map((edited) => ({ ...edited, name: "" }));
    expect(leftAlone("redo", { job: makeJob(), changed: ["other"], conflicts: wordless })).toEqual({
      sentence:
        "2 objects were left as they are, because somebody changed them since. " +
        "Redoing them too loses those changes.",
      offer: "Redo those too",
    });
    expect(leftAlone("redo", { job: makeJob(), changed: [], conflicts: wordless.slice(0, 1) })).toEqual({
      sentence:
        "Nothing was put back, because somebody changed one object since. " +
        "Redoing it all the same loses that change.",
      offer: "Redo all the same",
    });
  });

  test.each([
    [["Tea", "Milk", "Coffee"], "“Tea”, “Milk” and “Coffee” were left"],
    [["Tea", "", ""], "“Tea” and 2 other objects were left"],
    [["Tea", "Milk", ""], "“Tea”, “Milk” and one other object were left"],
    [["Tea", "Milk", "Coffee", "Sugar", ""], "“Tea”, “Milk”, “Coffee” and 2 more were left"],
  ])("is told completely: %j", (names, told) => {
    const conflicts = names.map((name, index) => ({ id: `${index}`, name, error: "" }));
    expect(leftAlone("undo", { job: makeJob(), changed: ["other"], conflicts })?.sentence).toMatch(told);
  });
});
