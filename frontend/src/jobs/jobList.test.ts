import { describe, expect, test } from "vitest";

import { acceptFetched, applyJobMessage, mergeJobs } from "@/jobs/jobList";
import type { JobMessage } from "@/realtime/protocol";
import { makeJob } from "@/test/factories";

const update = (revision: number, more: object = {}): JobMessage => ({
  type: "ai_job_update",
  job_id: "j",
  canvas_id: null,
  job_type: "modify_canvas",
  status: "processing",
  message: "Drawing: 4 of 5 objects",
  progress: 80,
  stage: "drawing",
  objects_done: 4,
  attempt: 1,
  elapsed_seconds: 0.9,
  revision,
  queue: null,
  ...more,
});

describe("the list of jobs", () => {
  const held = [makeJob({ id: "j", revision: 3 })];

  test("takes over the next message without asking the server", () => {
    const { jobs, toFetch } = applyJobMessage(held, update(4), 5_000);
    expect(jobs[0]).toMatchObject({ progress: 80, objects_done: 4, revision: 4, measured_at_ms: 5_000 });
    expect(toFetch).toEqual([]);
  });

  test("ignores a message that is not newer", () => {
    expect(applyJobMessage(held, update(3)).jobs).toBe(held);
    expect(applyJobMessage(held, update(2)).toFetch).toEqual([]);
  });

  test("takes over a new place in line, which comes with the revision it has", () => {
    const queue = { position: 2, eta_seconds: 12.5, waiting_reason: "behind_others" };
    const waiting = [makeJob({ id: "j", revision: 3, status: "queued", queue: null })];
    const { jobs, toFetch } = applyJobMessage(waiting, update(3, { status: "queued", queue }));
    expect(jobs[0]).toMatchObject({ status: "queued", revision: 3, queue });
    expect(toFetch).toEqual([]);
    expect(applyJobMessage(held, update(2, { status: "queued", queue })).jobs).toBe(held);
  });

  test("fetches the job when a revision was skipped or the job is new", () => {
    expect(applyJobMessage(held, update(6)).toFetch).toEqual(["j"]);
    expect(applyJobMessage([], update(1)).toFetch).toEqual(["j"]);
  });

  test("fetches a job that is over, for its result", () => {
    const { jobs, toFetch } = applyJobMessage(held, {
      type: "ai_job_complete",
      job_id: "j",
      canvas_id: "c",
      job_type: "create_canvas",
      status: "completed",
      result: { canvas_id: "c", object_count: 5 },
      progress: 100,
      revision: 4,
    });
    expect(jobs[0]).toMatchObject({ status: "completed", canvas_id: "c", progress: 100 });
    expect(toFetch).toEqual(["j"]);
  });

  test("fetches a job that is back in line, for its place and its last try", () => {
    const over = [makeJob({ id: "j", revision: 3, status: "cancelled" })];
    const { jobs, toFetch } = applyJobMessage(over, update(4, { status: "queued" }));
    expect(jobs[0]).toMatchObject({ status: "queued", revision: 4 });
    expect(toFetch).toEqual(["j"]);
  });

  test("loses a job that somebody deleted, and no other", () => {
    const other = makeJob({ id: "other", created_at: "2026-01-01T00:00:00Z" });
    const { jobs, toFetch } = applyJobMessage([...held, other], {
      type: "ai_job_deleted",
      job_id: "j",
      canvas_id: "c",
      job_type: "create_canvas",
      revision: 4,
    });
    expect(jobs.map(({ id }) => id)).toEqual(["other"]);
    expect(toFetch).toEqual([]);
  });

  test("shows the sentence of a failure", () => {
    const { jobs } = applyJobMessage(held, {
      type: "ai_job_error",
      job_id: "j",
      canvas_id: null,
      job_type: "modify_canvas",
      status: "failed",
      error: "Write steps with arrows.",
      code: "not_understood",
      revision: 4,
    });
    expect(jobs[0]).toMatchObject({ status: "failed", error_message: "Write steps with arrows." });
  });

  test("is newest first, and never goes back behind what a message told", () => {
    const older = makeJob({ id: "old", created_at: "2026-01-01T00:00:00Z" });
    expect(mergeJobs([older], held).map(({ id }) => id)).toEqual(["j", "old"]);
    const stale = makeJob({ id: "j", revision: 2, progress: 1 });
    expect(mergeJobs(held, [stale])[0]?.revision).toBe(3);
    expect(acceptFetched(held, held, [stale])[0]?.revision).toBe(3);
  });

  test("keeps what came and what went while it was asked for", () => {
    const [old, fresh] = [makeJob({ id: "old" }), makeJob({ id: "fresh" })];
    const ids = (jobs: readonly { id: string }[]) => jobs.map(({ id }) => id);
    expect(ids(acceptFetched([], [fresh], []))).toEqual(["fresh"]);
    expect(ids(acceptFetched([old], [old, fresh], [old]))).toEqual(["old", "fresh"]);
    expect(ids(acceptFetched([old], [fresh], [old, fresh]))).toEqual(["fresh"]);
    expect(ids(acceptFetched([old], [old], []))).toEqual([]);
  });
});
