import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";

import { Dialog } from "@/ui/Dialog";
import { notify } from "@/ui/notices";
import { Notices } from "@/ui/Notices";

describe("a window over the page", () => {
  test("closes on a click beside it, but not where a drag ends that began in it", () => {
    const onClose = vi.fn();
    render(
      <Dialog title="Share" onClose={onClose}>
        <input aria-label="E-mail" />
      </Dialog>,
    );
    const dialog = screen.getByRole("dialog");
    fireEvent.pointerDown(screen.getByLabelText("E-mail"));
    fireEvent.click(dialog);
    expect(onClose).not.toHaveBeenCalled();
    fireEvent.pointerDown(dialog);
    fireEvent.click(dialog);
    expect(onClose).toHaveBeenCalledOnce();
  });

  test("has the notices in it, which nobody could press beside it", () => {
    HTMLDialogElement.prototype.close = vi.fn();
    const page = (isOpen: boolean) => (
      <>
        {isOpen && (
          <Dialog title="Share" onClose={() => undefined}>
            words
          </Dialog>
        )}
        <Notices />
      </>
    );
    const { rerender } = render(page(true));
    act(() => notify("Nobody answers."));
    expect(within(screen.getByRole("dialog")).getByText("Nobody answers.")).toBeTruthy();
    rerender(page(false));
    expect(screen.getByText("Nobody answers.")).toBeTruthy();
  });
});
