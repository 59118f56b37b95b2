import { describe, expect, test } from "vitest";

import { timeAgo } from "@/lib/time";

const NOW = Date.parse("2026-01-02T03:04:05Z");
const DAY = 86_400;

describe("how long ago something was", () => {
  test.each([
    [180, "just now"],
    [0, "just now"],
    [-59, "just now"],
    [-119, "1 minute ago"],
    [-3_599, "59 minutes ago"],
    [-3_600, "1 hour ago"],
    [-(DAY - 1), "23 hours ago"],
    [-DAY, "yesterday"],
    [-(7 * DAY - 1), "6 days ago"],
  ])("is told in whole units: %d s", (seconds, words) => {
    expect(timeAgo(new Date(NOW + seconds * 1000).toISOString(), NOW)).toBe(words);
  });
});
