import { act, cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";

import type { Job } from "@/api/models";
import { JobCard } from "@/jobs/JobCard";
import { makeJob } from "@/test/factories";

function show(changes: Partial<Job>) {
  const actions = {
    onCancel: vi.fn(),
    onRetry: vi.fn(),
    onUndo: vi.fn(),
    onRedo: vi.fn(),
    onEdit: vi.fn(),
    onShow: vi.fn(),
  };
  const job = makeJob(changes);
  render(<JobCard job={job} userId={1} mayAct isBusy={false} {...actions} />);
  return { ...actions, card: within(screen.getByRole("article", { name: job.request_data.instructions })) };
}

describe("the card of a job", () => {
  test("keeps telling how long ago it was", () => {
    vi.useFakeTimers({ now: new Date("2026-01-02T03:04:05Z") });
    const { card } = show({ status: "completed", created_at: "2026-01-02T03:04:00Z" });
    expect(card.getByText("just now")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(3_600_000));
    expect(card.getByText("1 hour ago")).toBeTruthy();
    vi.useRealTimers();
  });

  test("says why a queued job waits", () => {
    const { card } = show({
      status: "queued",
      queue: { position: 2, eta_seconds: null, waiting_reason: "no_worker" },
    });
    expect(card.getByText("Queued")).toBeTruthy();
    expect(
      card.getByText("Number 2 in line. No worker is running – it starts as soon as one is back."),
    ).toBeTruthy();
  });

  test.each([
    [0, "Number 3 in line. Others are before it. Starts in a moment."],
    [7.2, "Number 3 in line. Others are before it. Starts in about 8 seconds."],
    [31, "Number 3 in line. Others are before it. Starts in about 40 seconds."],
    [55, "Number 3 in line. Others are before it. Starts in about 1 minute."],
    [7_300, "Number 3 in line. Others are before it. Starts in about 2 hours."],
  ])("says about when a job starts that may wait %d s", (eta, text) => {
    const queue = { position: 3, eta_seconds: eta, waiting_reason: "behind_others" };
    expect(show({ status: "queued", queue }).card.getByText(text)).toBeTruthy();
  });

  test("does not say that others are before the first in line", () => {
    const queue = { position: 1, eta_seconds: 0, waiting_reason: "behind_others" };
    const { card } = show({ status: "queued", queue });
    expect(card.getByText("Number 1 in line. Starts in a moment.")).toBeTruthy();
  });

  test("shows measured progress while it draws, and offers to cancel", async () => {
    const { card, onCancel } = show({ status: "processing", progress: 40 });
    expect(card.getByText("Drawing…")).toBeTruthy();
    expect(card.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("40");
    expect(card.getByText(/Drawing: 2 of 5 objects · 0\.\d s/)).toBeTruthy();
    await userEvent.click(card.getByRole("button", { name: "Cancel" }));
    expect(onCancel).toHaveBeenCalledOnce();
  });

  test("says what was drawn and shows where", async () => {
    const { card, onShow } = show({
      status: "completed",
      started_at: "2026-01-02T03:04:05Z",
      completed_at: "2026-01-02T03:04:07.5Z",
      result_data: { message: "Drew 3 boxes.", objects: ["a", "b", "c"] },
    });
    expect(card.getByText("Drew 3 boxes.")).toBeTruthy();
    expect(card.getByText("2.5 s")).toBeTruthy();
    await userEvent.click(card.getByRole("button", { name: "Show on canvas" }));
    expect(onShow).toHaveBeenCalledOnce();
  });

  test("counts objects only where no message has counted", () => {
    const { card } = show({ status: "completed", result_data: { message: "", objects: ["a", "b", "c"] } });
    expect(card.getByText(/^3 objects/)).toBeTruthy();
  });

  test("says in plain words what gave way to other people's edits", () => {
    const conflicts = ["a", "b", "c", "d", "e"].map((name) => ({
      object_id: name,
      what: "colour",
      error: `Somebody recoloured “${name}” meanwhile; that colour stays.`,
    }));
    const { card } = show({ status: "completed", result_data: { message: "Made 5 red.", conflicts } });
    const list = within(card.getByRole("list", { name: "Left as people changed it" }));
    expect(list.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "Somebody recoloured “a” meanwhile; that colour stays.",
      "Somebody recoloured “b” meanwhile; that colour stays.",
      "Somebody recoloured “c” meanwhile; that colour stays.",
      "Somebody recoloured “d” meanwhile; that colour stays.",
      "And 1 more.",
    ]);
  });

  test("says what a failed or cancelled job used of the model all the same", () => {
    const usage = { input_tokens: 1_200, output_tokens: 340 };
    for (const status of ["failed", "cancelled"] as const) {
      const { card } = show({ status, usage });
      expect(card.getByText("Used 1,540 tokens of the AI model.")).toBeTruthy();
      cleanup();
    }
    expect(show({ status: "failed" }).card.queryByText(/tokens/)).toBeNull();
  });

  test("offers to take a drawing back, and then to put it back in place", async () => {
    const drawn = show({ status: "completed", result_data: { message: "Drew it." } });
    await userEvent.click(drawn.card.getByRole("button", { name: "Undo" }));
    expect(drawn.onUndo).toHaveBeenCalledOnce();
    cleanup();

    const taken = show({
      status: "completed",
      result_data: { message: "Drew it." },
      undone_at: "2026-01-02T03:04:09Z",
    });
    expect(taken.card.getByText(/Taken back/)).toBeTruthy();
    expect(taken.card.queryByRole("button", { name: "Undo" })).toBeNull();
    await userEvent.click(taken.card.getByRole("button", { name: "Redo" }));
    expect(taken.onRedo).toHaveBeenCalledOnce();
  });

  test("offers by keyboard to take along what an undo left alone, or to leave it", async () => {
    const left = { sentence: "“Coffee” was left as it is.", offer: "Undo that too" };
    const onTakeAlong = vi.fn();
    const onLeave = vi.fn();
    const job = makeJob({ status: "completed", undone_at: "2026-01-02T03:04:09Z" });
    render(
      <JobCard
        job={job}
        userId={1}
        mayAct
        isBusy={false}
        left={left}
        {...{ onCancel: vi.fn(), onRetry: vi.fn(), onTakeAlong, onLeave }}
      />,
    );
    expect(screen.getByRole("alert").textContent).toBe(left.sentence);
    expect(document.activeElement).toBe(screen.getByRole("group", { name: "What was left alone" }));
    await userEvent.tab();
    await userEvent.keyboard("{Enter}");
    expect(onTakeAlong).toHaveBeenCalledOnce();
    expect(document.activeElement).toBe(screen.getByRole("article"));
    await userEvent.click(screen.getByRole("button", { name: "Leave it so" }));
    expect(onLeave).toHaveBeenCalledOnce();
  });

  test.each([
    ["Cancel", { status: "processing" }],
    ["Retry", { status: "failed" }],
    ["Undo", { status: "completed" }],
    ["Redo", { status: "completed", undone_at: "2026-01-02T03:04:09Z" }],
  ] as const)("keeps the focus when %s is pressed and goes", async (name, changes) => {
    const { card } = show(changes);
    card.getByRole("button", { name }).focus();
    await userEvent.keyboard("{Enter}");
    expect(document.activeElement).toBe(screen.getByRole("article"));
  });

  test("shows the sentence of a failure, with retry and edit", async () => {
    const { card, onRetry, onEdit } = show({ status: "failed", error_message: "Write steps with arrows." });
    expect(card.getByText("Write steps with arrows.")).toBeTruthy();
    await userEvent.click(card.getByRole("button", { name: "Retry" }));
    await userEvent.click(card.getByRole("button", { name: "Edit and resend" }));
    expect(onRetry).toHaveBeenCalledOnce();
    expect(onEdit).toHaveBeenCalledOnce();
  });
});
