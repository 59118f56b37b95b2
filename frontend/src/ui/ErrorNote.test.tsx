import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ErrorNote } from "@/ui/ErrorNote";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function heard(alert: HTMLElement): string {
  const copy = alert.cloneNode(true) as HTMLElement;
  for (const hidden of copy.querySelectorAll("[aria-hidden]")) hidden.remove();
  return copy.textContent;
}

test("a wait ticks down for the eye and is read out only at its beginning and end", () => {
  const refusal = Object.assign(new Error("Too many requests. Try again in 12 s."), { retryAfter: 12 });
  render(<ErrorNote error={refusal} />);
  const alert = screen.getByRole("alert");
  expect(alert.textContent).toBe("Too many requests. Try again in 12 s.");
  act(() => {
    vi.advanceTimersByTime(4_000);
  });
  expect(screen.getByText("Try again in 8 s.")).toBeTruthy();
  expect(heard(alert)).toBe("Too many requests. Try again in 12 s.");
  act(() => {
    vi.advanceTimersByTime(8_000);
  });
  expect(heard(alert)).toBe("Too many requests. You can try again now.");
});
