import type { Job } from "@/api/models";
import { assertNever } from "@/lib/assertNever";
import type { JobMessage, MessageOf } from "@/realtime/protocol";

/** A list of jobs, newest first, and the ids of those that must be fetched because a message about them was missed. */
interface JobListChange {
  jobs: readonly Job[];
  toFetch: readonly string[];
}

/** Takes over jobs that are new or newer than the ones held. */
export function mergeJobs(held: readonly Job[], incoming: readonly Job[]): readonly Job[] {
  const byId = new Map(held.map((job) => [job.id, job]));
  for (const job of incoming) {
    const known = byId.get(job.id);
    // The same revision again is a fresh measurement of elapsed time and place in line.
    if (!known || job.revision >= known.revision) byId.set(job.id, job);
  }
  return [...byId.values()].sort((a, b) => b.created_at.localeCompare(a.created_at));
}

/**
 * A fetched list, where nothing goes back behind what was told while it was on its way: `asked` is what was held when
 * it was asked for. Jobs that came since stay, and those that were deleted since stay away.
 */
export function acceptFetched(
  asked: readonly Job[],
  held: readonly Job[],
  fetched: readonly Job[],
): readonly Job[] {
  const before = new Set(asked.map(({ id }) => id));
  const now = new Set(held.map(({ id }) => id));
  const answered = new Set(fetched.map(({ id }) => id));
  return mergeJobs(
    held.filter(({ id }) => answered.has(id) || !before.has(id)),
    fetched.filter(({ id }) => now.has(id) || !before.has(id)),
  );
}

/** What a message about jobs changes in a list. Messages that are not newer than what is held change nothing. */
export function applyJobMessage(
  held: readonly Job[],
  message: JobMessage,
  nowMs: number = Date.now(),
): JobListChange {
  if (message.type === "jobs.snapshot") return { jobs: mergeJobs(held, message.jobs), toFetch: [] };
  if (message.type === "ai_job_deleted") {
    return { jobs: held.filter((job) => job.id !== message.job_id), toFetch: [] };
  }
  const known = held.find((job) => job.id === message.job_id);
  if (!known) return { jobs: held, toFetch: [message.job_id] };
  if (message.revision === known.revision && tellsPlace(message)) {
    const moved = { ...known, queue: message.queue };
    return { jobs: held.map((job) => (job.id === known.id ? moved : job)), toFetch: [] };
  }
  if (message.revision <= known.revision) return { jobs: held, toFetch: [] };
  const changed = { ...known, ...changeOf(message, known, nowMs), revision: message.revision };
  const isOver = message.type !== "ai_job_update";
  // Back in line, a job has a place and a last try that the message does not tell.
  const isBack = message.type === "ai_job_update" && message.status === "queued";
  const skipped = message.revision > known.revision + 1;
  return {
    jobs: held.map((job) => (job.id === known.id ? changed : job)),
    // A final message is short; what was drawn and how long it took is in the job itself.
    toFetch: isOver || isBack || skipped ? [known.id] : [],
  };
}

/** Nothing in the job has changed, only others in line: such a message repeats the job's revision. */
function tellsPlace(message: SingleJobMessage): message is MessageOf<"ai_job_update"> {
  return message.type === "ai_job_update" && message.status === "queued" && message.queue !== null;
}

type SingleJobMessage = MessageOf<"ai_job_update" | "ai_job_complete" | "ai_job_error">;

function changeOf(message: SingleJobMessage, job: Job, nowMs: number): Partial<Job> {
  switch (message.type) {
    case "ai_job_update":
      return {
        status: message.status,
        canvas_id: message.canvas_id ?? job.canvas_id,
        progress: message.progress,
        progress_message: message.message,
        stage: message.stage,
        objects_done: message.objects_done,
        attempt: message.attempt,
        elapsed_seconds: message.elapsed_seconds,
        measured_at_ms: nowMs,
        queue: message.queue,
        error_message: null,
        error_code: null,
      };
    case "ai_job_complete":
      return {
        status: "completed",
        canvas_id: message.result?.canvas_id ?? message.canvas_id ?? job.canvas_id,
        progress: 100,
        result_data: message.result,
        queue: null,
        error_message: null,
        error_code: null,
      };
    case "ai_job_error":
      return {
        status: message.status,
        error_message: message.error,
        error_code: message.code,
        queue: null,
      };
    default:
      return assertNever(message);
  }
}
