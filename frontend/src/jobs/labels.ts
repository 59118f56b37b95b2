import type { Job, JobStatus, RevertedJob } from "@/api/models";
import { roughDuration } from "@/lib/time";

/** The one table of what a status is called and how it looks. */
export const STATUS_LABELS: Readonly<Record<JobStatus, { label: string; tone: StatusTone }>> = {
  queued: { label: "Queued", tone: "waiting" },
  processing: { label: "Drawing…", tone: "active" },
  completed: { label: "Done", tone: "good" },
  failed: { label: "Failed", tone: "bad" },
  cancelled: { label: "Cancelled", tone: "over" },
};
type StatusTone = "waiting" | "active" | "good" | "bad" | "over";

const WAITING_REASONS: Readonly<Record<string, string>> = {
  behind_others: "Others are before it",
  user_limit: "You have as many drawings running as is allowed – it starts when one of them ends",
  retry_backoff: "The last try did not work – it tries again by itself",
  rate_limited: "The AI service asked for a pause – it goes on by itself",
  paused: "AI drawing is paused – it starts when it is switched on again",
  no_worker: "No worker is running – it starts as soon as one is back",
};

/** Where a queued job stands, why it waits and about how long, in words. */
export function waitingText(job: Job): string {
  const place = job.queue?.position;
  const why = job.queue?.waiting_reason;
  // Nobody is before the first: it waits for an engine to take it.
  const reason = why && !(why === "behind_others" && place === 1) ? WAITING_REASONS[why] : undefined;
  const position = place && place > 0 ? `Number ${place} in line` : null;
  const eta = job.queue?.eta_seconds ?? null;
  const start =
    eta === null ? null : eta < 1 ? "Starts in a moment" : `Starts in about ${roughDuration(eta)}`;
  return [position, reason, start].filter(Boolean).join(". ") || "Starts in a moment";
}

export function isActive(job: Job): boolean {
  return job.status === "queued" || job.status === "processing";
}

/** Seconds that a job has been running, or ran, as far as known. */
export function elapsedSeconds(job: Job, nowMs: number): number | null {
  if (job.status === "processing" && job.elapsed_seconds !== null) {
    return job.elapsed_seconds + Math.max(0, nowMs - job.measured_at_ms) / 1000;
  }
  if (job.started_at && job.completed_at) {
    return (new Date(job.completed_at).getTime() - new Date(job.started_at).getTime()) / 1000;
  }
  return job.status === "queued" ? null : job.elapsed_seconds;
}

export function objectCount(job: Job): number | null {
  return job.result_data?.object_count ?? job.result_data?.objects?.length ?? job.objects_done;
}

/** What a job used of a language model; null when it asked none. */
export function tokensText(job: Job): string | null {
  if (job.usage === null) return null;
  return `${(job.usage.input_tokens + job.usage.output_tokens).toLocaleString("en")} tokens`;
}

const MOST_NAMED = 3;
const AND = new Intl.ListFormat("en-GB");

export type Direction = "undo" | "redo";

/** What an undo or redo left alone, and what the button is called that takes it along after all. */
export interface LeftAlone {
  sentence: string;
  offer: string;
}

const REVERT_WORDS: Readonly<Record<Direction, { verb: string; doing: string; done: string }>> = {
  undo: { verb: "Undo", doing: "Undoing", done: "taken back" },
  redo: { verb: "Redo", doing: "Redoing", done: "put back" },
};

/** What people's edits kept from being undone or redone; null when nothing was left alone. */
export function leftAlone(direction: Direction, { changed, conflicts }: RevertedJob): LeftAlone | null {
  if (conflicts.length === 0) return null;
  const { verb, doing, done } = REVERT_WORDS[direction];
  const names = [...new Set(conflicts.map(({ name }) => name))].filter(Boolean).map((name) => `“${name}”`);
  const nameless = conflicts.filter(({ name }) => !name).length;
  const isOne = names.length + nameless === 1;
  const other = names.length === 0 ? "" : "other ";
  const count = nameless === 1 ? `one ${other}object` : `${nameless} ${other}objects`;
  const what =
    names.length > MOST_NAMED
      ? AND.format([...names.slice(0, MOST_NAMED), `${names.length + nameless - MOST_NAMED} more`])
      : upperFirst(AND.format(nameless === 0 ? names : [...names, count]));
  const [it, that, thatChange] = isOne ? ["it", "that", "that change"] : ["them", "those", "those changes"];
  if (changed.length > 0) {
    return {
      sentence:
        `${what} ${isOne ? "was left as it is" : "were left as they are"}, because somebody changed ${it} since. ` +
        `${doing} ${it} too loses ${thatChange}.`,
      offer: `${verb} ${that} too`,
    };
  }
  return {
    sentence:
      `Nothing was ${done}, because somebody changed ${lowerFirst(what)} since. ` +
      `${doing} it all the same loses ${thatChange}.`,
    offer: `${verb} all the same`,
  };
}

function upperFirst(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
