import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { InvitationLink } from "@/sharing/InvitationLink";

test("where the browser does not let the page copy, the link is selected and the keys are told", async () => {
  const user = userEvent.setup();
  vi.stubGlobal("navigator", { userAgent: navigator.userAgent });
  render(<InvitationLink email="ben@example.org" url="/invitations/abc" />);
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await screen.findByRole("button", { name: "Press Ctrl+C" })).toBeTruthy();
  const link = screen.getByLabelText<HTMLInputElement>("Invitation link");
  expect(document.activeElement).toBe(link);
  expect(link.value.slice(link.selectionStart ?? 0, link.selectionEnd ?? 0)).toBe(link.value);
  vi.unstubAllGlobals();
});
