import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, Link, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { LeaveGuard } from "@/canvas/LeaveGuard";
import { CanvasSession } from "@/canvas/session";
import { makeRow } from "@/test/factories";
import { FakeSocket } from "@/test/FakeSocket";

let session: CanvasSession;

function drawOffline(): void {
  act(() => {
    FakeSocket.last.accept();
    FakeSocket.last.deliver({
      type: "canvas.snapshot",
      objects: [makeRow("a", 1)],
      seq: 1,
      title: "Plan",
      role: "editor",
      client_id: "c-me",
      members_online: [],
    });
    FakeSocket.last.hangUp(1006);
    session.noteElements([makeRow("a", 2).properties]);
  });
}

const leave = () => userEvent.click(screen.getByRole("link", { name: "Your canvases" }));

beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  session = new CanvasSession({
    canvasId: "canvas",
    userId: 1,
    onJobMessage: () => undefined,
    onTitle: () => undefined,
    onResync: () => undefined,
    onNotice: () => undefined,
    isSigningOut: () => false,
  });
  session.start();
  const canvas = (
    <>
      <Link to="/">Your canvases</Link>
      <LeaveGuard session={session} />
    </>
  );
  const router = createMemoryRouter(
    [
      { path: "/c/canvas", element: canvas },
      { path: "/", element: <h1>All canvases</h1> },
    ],
    { initialEntries: ["/c/canvas"] },
  );
  render(<RouterProvider router={router} />);
});

afterEach(() => {
  session.stop();
  vi.unstubAllGlobals();
});

describe("the way out of a canvas", () => {
  test("is free while everything is saved", async () => {
    await leave();
    expect(await screen.findByRole("heading", { name: "All canvases" })).toBeTruthy();
  });

  test("asks before unsaved changes are lost, and stays or goes", async () => {
    drawOffline();
    await leave();
    await userEvent.click(await screen.findByRole("button", { name: "Stay" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(session.hasUnsaved).toBe(true);
    await leave();
    await userEvent.click(await screen.findByRole("button", { name: "Leave" }));
    expect(await screen.findByRole("heading", { name: "All canvases" })).toBeTruthy();
  });

  test("is free as soon as they are saved after all", async () => {
    drawOffline();
    await leave();
    await screen.findByRole("dialog");
    await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(2));
    act(() => {
      FakeSocket.last.accept();
      FakeSocket.last.deliver({
        type: "canvas.snapshot",
        objects: [makeRow("a", 2)],
        seq: 2,
        role: "editor",
        client_id: "c-me",
        members_online: [],
      });
    });
    expect(await screen.findByRole("heading", { name: "All canvases" })).toBeTruthy();
  });
});
