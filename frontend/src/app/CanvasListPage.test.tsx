import { onlineManager } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keys } from "@/api/keys";
import { CanvasListPage } from "@/app/CanvasListPage";
import { FakeServer, later, lost } from "@/test/FakeServer";
import { showPage, USER } from "@/test/showPage";

const LIST = "GET /api/canvases";
const CREATE = "POST /api/canvases";

let server: FakeServer;

function makeCanvas(id: string, changes: object = {}) {
  const at = "2026-01-02T03:04:05Z";
  return { id, title: id, role: "owner", owner: USER, created_at: at, updated_at: at, ...changes };
}

const listing =
  (ids: readonly string[], next: string | null = null) =>
  () =>
    Response.json({ count: ids.length, next, previous: null, results: ids.map((id) => makeCanvas(id)) });
const broken = () => Response.json({ error: "Something broke.", code: "error" }, { status: 500 });

beforeEach(() => {
  server = new FakeServer()
    .on("GET /api/ai-agent/jobs", () => Response.json({ jobs: [], total: 0 }))
    .on(LIST, listing([]));
});

afterEach(() => {
  onlineManager.setOnline(true);
  vi.unstubAllGlobals();
});

const show = (editor?: Promise<unknown>) => showPage("/", <CanvasListPage />, editor);
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

describe("the list of canvases", () => {
  test("offers another try when it could not be had", async () => {
    server.on(LIST, broken);
    show();
    await screen.findByText("Something broke.");
    server.on(LIST, listing(["Plan"]));
    await press("Try again");
    expect(await screen.findByRole("link", { name: "Plan" })).toBeTruthy();
  });

  test("says at once what cannot be done while the browser thinks that there is no network", async () => {
    show();
    await screen.findByText(/No canvas yet/);
    onlineManager.setOnline(false);
    server.on(CREATE, lost);
    await press("New canvas");
    expect((await screen.findByRole("alert")).textContent).toBe(
      "The server cannot be reached. Check your connection, then try again.",
    );
  });

  test("makes no second canvas while the first is being opened", async () => {
    const editor = later<null>();
    server.on(CREATE, () => Response.json(makeCanvas("new")));
    show(editor.promise);
    await press("New canvas");
    expect((await screen.findByRole("button", { name: "Opening…" })).hasAttribute("disabled")).toBe(true);
    editor.resolve(null);
    expect(await screen.findByText("An open canvas")).toBeTruthy();
    expect(server.callsOf(CREATE)).toHaveLength(1);
  });

  test("shows a canvas once that moved from one page to the next", async () => {
    server.on("GET /api/canvases?limit=48&offset=0", listing(["Plan", "Idea"], "more"));
    server.on("GET /api/canvases?limit=48&offset=2", listing(["Idea", "Note"]));
    show();
    await screen.findByRole("link", { name: "Plan" });
    await press("Show more");
    await screen.findByRole("link", { name: "Note" });
    expect(screen.getAllByRole("link").map(({ textContent }) => textContent)).toEqual([
      "Plan",
      "Idea",
      "Note",
    ]);
  });

  test("tells the page of a canvas its new title", async () => {
    server.on(LIST, listing(["Plan"]));
    server.on("PATCH /api/canvases/Plan", () => Response.json(makeCanvas("Plan", { title: "Better plan" })));
    const client = show();
    client.setQueryData(keys.canvas("Plan"), makeCanvas("Plan"));
    await screen.findByRole("link", { name: "Plan" });
    await press("Rename Plan");
    await userEvent.keyboard("Better plan{Enter}");
    await waitFor(() =>
      expect(client.getQueryData(keys.canvas("Plan"))).toMatchObject({ title: "Better plan" }),
    );
  });

  test("is renamed by keyboard, which is back at the button afterwards", async () => {
    server.on(LIST, listing(["Plan"]));
    server.on("PATCH /api/canvases/Plan", () => Response.json(makeCanvas("Plan")));
    show();
    await screen.findByRole("link", { name: "Plan" });
    await press("Rename Plan");
    const field = screen.getByLabelText("Title");
    await userEvent.type(field, "計画");
    // The Enter of an input method takes over what it composed, and not the title.
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    expect(server.callsOf("PATCH /api/canvases/Plan")).toEqual([]);
    await userEvent.keyboard("{Enter}");
    expect(server.callsOf("PATCH /api/canvases/Plan")).toHaveLength(1);
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Rename Plan" }));
    await userEvent.keyboard("{Enter}again{Escape}");
    expect(server.callsOf("PATCH /api/canvases/Plan")).toHaveLength(1);
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Rename Plan" }));
  });

  test("says that a canvas was not deleted when its window was closed meanwhile", async () => {
    const answer = later<Response>();
    server.on(LIST, listing(["Plan", "Idea"]));
    server.on("DELETE /api/canvases/Plan", () => answer.promise);
    show();
    await screen.findByRole("link", { name: "Plan" });
    await press("Delete Plan");
    await press("Delete it");
    await press("Keep it");
    answer.resolve(broken());
    expect(await screen.findByText("“Plan” was not deleted. Something broke.")).toBeTruthy();
  });

  test("keeps the question about one canvas open when another is gone", async () => {
    const answer = later<Response>();
    server.on(LIST, listing(["Plan", "Idea"]));
    server.on("DELETE /api/canvases/Plan", () => answer.promise);
    show();
    await screen.findByRole("link", { name: "Plan" });
    await press("Delete Plan");
    await press("Delete it");
    await press("Keep it");
    await press("Delete Idea");
    server.on(LIST, listing(["Idea"]));
    answer.resolve(new Response(null, { status: 204 }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "Plan" })).toBeNull());
    expect(screen.getByText(/“Idea” and everything on it/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Delete it" }).hasAttribute("disabled")).toBe(false);
  });
});
