import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("where the browser forbids to keep anything, a theme can be chosen all the same", async () => {
  const forbid = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  // What the page sees there: the very name throws.
  const kept = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { get: forbid, configurable: true });
  try {
    const { chooseTheme, followTheme } = await import("@/ui/theme");
    followTheme();
    expect(document.documentElement.dataset["theme"]).toBe("light");
    chooseTheme("dark");
    expect(document.documentElement.dataset["theme"]).toBe("dark");
  } finally {
    if (kept) Object.defineProperty(globalThis, "localStorage", kept);
  }
});
