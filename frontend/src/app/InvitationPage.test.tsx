import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";

import { InvitationPage } from "@/app/InvitationPage";
import { FakeServer } from "@/test/FakeServer";
import { showPage } from "@/test/showPage";

const GET = "GET /api/invitations/";
const failing = (status: number, error: string) => () => Response.json({ error, code: "x" }, { status });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the page of an invitation", () => {
  test("is tried again after an error that says nothing about the invitation", async () => {
    const server = new FakeServer().on(GET, failing(500, "Something broke."));
    showPage("/invitations", <InvitationPage />);
    expect(
      await screen.findByRole("heading", { name: "The invitation cannot be opened right now" }),
    ).toBeTruthy();
    server.on(GET, () =>
      Response.json({ canvas_title: "Plan", role: "editor", invited_by: "Grace", email: "ada@example.org" }),
    );
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("button", { name: "Accept the invitation" })).toBeTruthy();
  });

  test("says that an invitation is over, and offers no other try", async () => {
    new FakeServer().on(GET, failing(410, "This invitation was revoked."));
    showPage("/invitations", <InvitationPage />);
    expect(await screen.findByRole("heading", { name: "This invitation cannot be used" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
});
