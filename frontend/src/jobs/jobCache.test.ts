import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";

import { fetchJob, heldJobs, receiveJobMessage, takeJob } from "@/jobs/jobCache";
import { makeJob } from "@/test/factories";
import { FakeServer, later } from "@/test/FakeServer";

const JOB = makeJob({ id: "j" });

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a job that is deleted while it is being fetched stays away", async () => {
  const client = new QueryClient();
  const answer = later<Response>();
  new FakeServer().on("GET /api/jobs/j", () => answer.promise);
  takeJob(client, "own", JOB);
  const fetched = fetchJob(client, "own", "j");
  const { canvas_id, job_type, revision } = JOB;
  receiveJobMessage(client, "own", { type: "ai_job_deleted", job_id: "j", canvas_id, job_type, revision });
  answer.resolve(Response.json(JOB));
  await fetched;
  expect(heldJobs(client, "own")).toEqual([]);
});

test("a job that is not in the list yet is fetched into it", async () => {
  const client = new QueryClient();
  new FakeServer().on("GET /api/jobs/j", () => Response.json(JOB));
  await fetchJob(client, "own", "j");
  expect(heldJobs(client, "own").map(({ id }) => id)).toEqual(["j"]);
});
