import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { JobPanel } from "@/jobs/JobPanel";
import { useAsking } from "@/jobs/useAsking";
import { makeJob } from "@/test/factories";
import { FakeServer, later, lost } from "@/test/FakeServer";
import { SESSION, USER } from "@/test/showPage";

const ASK = "POST /api/ai-agent/modify-canvas";

let server: FakeServer;
const taken = () => Response.json({ job_id: "j", message: "", status: "queued" }, { status: 202 });
const refused = () => Response.json({ error: "Write steps.", code: "invalid" }, { status: 400 });

beforeEach(() => {
  server = new FakeServer()
    .on("GET /api/canvases/c/jobs", () => Response.json({ results: [] }))
    .on("GET /api/jobs/j", () => Response.json(makeJob({ id: "j", status: "failed" })))
    .on(ASK, taken);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function Page({ selectedIds }: { selectedIds: readonly string[] }) {
  const asking = useAsking();
  const [isOpen, setOpen] = useState(true);
  return (
    <>
      <button onClick={() => setOpen((open) => !open)}>Panel</button>
      {isOpen && (
        <JobPanel
          canvasId="c"
          asking={asking}
          session={SESSION}
          user={USER}
          mayEdit
          isLive
          selectedIds={selectedIds}
          onShow={vi.fn()}
          onSent={vi.fn()}
        />
      )}
    </>
  );
}

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const page = (selectedIds: readonly string[]) => (
    <QueryClientProvider client={client}>
      <Page selectedIds={selectedIds} />
    </QueryClientProvider>
  );
  const { rerender } = render(page([]));
  return { select: (ids: readonly string[]) => rerender(page(ids)) };
}

const text = () => screen.getByLabelText<HTMLTextAreaElement>("What should be drawn?");
const press = () => userEvent.click(screen.getByRole("button", { name: "Draw it" }));
const keys = () => server.callsOf(ASK).map(({ headers }) => headers["Idempotency-Key"]);

describe("asking on a canvas", () => {
  test("sends the same again under the same key when the answer was lost", async () => {
    show();
    await userEvent.type(text(), "A -> B");
    server.on(ASK, lost);
    await press();
    await screen.findByText(/cannot be reached/);
    server.on(ASK, taken);
    await press();
    await waitFor(() => expect(text().value).toBe(""));
    expect(keys()).toHaveLength(2);
    expect(new Set(keys()).size).toBe(1);
  });

  test("sends what has changed, or has been taken before, under a new key", async () => {
    const { select } = show();
    await userEvent.type(text(), "A -> B");
    server.on(ASK, refused);
    await press();
    await screen.findByText("Write steps.");
    select(["box"]);
    await press();
    await waitFor(() => expect(keys()).toHaveLength(2));
    await userEvent.type(text(), " -> C");
    server.on(ASK, taken);
    await press();
    await waitFor(() => expect(text().value).toBe(""));
    await userEvent.type(text(), "A -> B -> C");
    await press();
    await waitFor(() => expect(keys()).toHaveLength(4));
    expect(new Set(keys()).size).toBe(4);
  });

  test("keeps what was typed while the panel is closed", async () => {
    show();
    await userEvent.type(text(), "A -> B");
    await userEvent.click(screen.getByRole("button", { name: "Panel" }));
    await userEvent.click(screen.getByRole("button", { name: "Panel" }));
    expect(text().value).toBe("A -> B");
  });

  test("keeps what was typed while the request was on its way", async () => {
    const answer = later<Response>();
    server.on(ASK, () => answer.promise);
    show();
    await userEvent.type(text(), "A -> B");
    await press();
    await userEvent.type(text(), " -> C");
    answer.resolve(taken());
    await screen.findByRole("region", { name: "Requests" });
    expect(text().value).toBe("A -> B -> C");
  });

  test("loses no request to a list that was asked for before it", async () => {
    const list = later<Response>();
    server.on("GET /api/canvases/c/jobs", () => list.promise);
    show();
    await userEvent.type(text(), "A -> B");
    await press();
    await screen.findByRole("region", { name: "Requests" });
    list.resolve(Response.json({ results: [makeJob({ id: "older" })] }));
    await waitFor(() => expect(screen.getAllByRole("article")).toHaveLength(2));
  });
});
