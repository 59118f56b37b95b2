import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keys } from "@/api/keys";
import { DescribeDrawing } from "@/jobs/DescribeDrawing";
import { makeJob } from "@/test/factories";
import { FakeServer, later } from "@/test/FakeServer";
import { FakeSocket } from "@/test/FakeSocket";
import { SESSION, showPage, USER } from "@/test/showPage";

const JOB = makeJob({
  id: "j",
  job_type: "create_canvas",
  canvas_id: null,
  request_data: { instructions: "A -> B" },
});
const DRAWN = { ...JOB, status: "completed", canvas_id: "c", revision: JOB.revision + 1 };
const ASK = "POST /api/ai-agent/create-canvas";
const LIST = "GET /api/ai-agent/jobs";

let server: FakeServer;
let onDrawn: ReturnType<typeof vi.fn<(canvasId: string) => void>>;
const listing = (...jobs: object[]) => Response.json({ jobs, total: jobs.length });

beforeEach(() => {
  onDrawn = vi.fn();
  server = new FakeServer()
    .on(LIST, () => listing())
    .on(ASK, () => Response.json({ job_id: "j", message: "", status: "queued" }, { status: 202 }))
    .on("GET /api/jobs/j", () => Response.json(DRAWN));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const show = () => showPage("/", <DescribeDrawing session={SESSION} user={USER} onDrawn={onDrawn} />);
const card = () => screen.findByRole("article", { name: "A -> B" });

describe("describing a drawing on the start page", () => {
  test("opens the new canvas although the list of jobs was asked for before", async () => {
    const list = later<Response>();
    server.on(LIST, () => list.promise);
    server.on("GET /api/jobs/j", () => Response.json(JOB));
    show();
    await userEvent.type(screen.getByLabelText("What should be drawn?"), "A -> B");
    await userEvent.click(screen.getByRole("button", { name: "Draw it" }));
    await card();
    list.resolve(listing());
    server.on("GET /api/jobs/j", () => Response.json(DRAWN));
    act(() => FakeSocket.last.accept());
    act(() => FakeSocket.last.deliver({ ...DRAWN, type: "ai_job_complete", job_id: "j", result: null }));
    await waitFor(() => expect(onDrawn).toHaveBeenCalledWith("c"));
  });

  test("shows how a drawing ended that was asked for before a reload, and refreshes the canvases", async () => {
    server.on(LIST, () => listing(JOB));
    const client = show();
    client.setQueryData(keys.canvases, []);
    await card();
    act(() => FakeSocket.last.accept());
    act(() => FakeSocket.last.deliver({ ...DRAWN, type: "ai_job_complete", job_id: "j", result: null }));
    await userEvent.click(await screen.findByRole("button", { name: "Open" }));
    expect(onDrawn).toHaveBeenCalledExactlyOnceWith("c");
    expect(client.getQueryState(keys.canvases)?.isInvalidated).toBe(true);
  });
});
