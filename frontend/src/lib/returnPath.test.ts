import { describe, expect, test } from "vitest";

import { safeReturnPath, signInPath } from "@/lib/returnPath";

describe("the way back after signing in", () => {
  test("leads to the page that was asked for", () => {
    const path = signInPath("/c/1?x=2");
    expect(safeReturnPath(new URL(path, "http://x").searchParams.get("next"))).toBe("/c/1?x=2");
  });

  test.each([
    null,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n\\evil.example",
    "/.//evil.example",
  ])("never leads from %j to another site", (next) => {
    expect(safeReturnPath(next)).toBe("/");
  });
});
