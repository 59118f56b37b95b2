import { useRef } from "react";

import type { Job } from "@/api/models";
import styles from "@/jobs/JobCard.module.css";
import { elapsedSeconds, isActive, objectCount, tokensText, waitingText } from "@/jobs/labels";
import type { LeftAlone } from "@/jobs/labels";
import { LeftAloneNote } from "@/jobs/LeftAloneNote";
import { StatusBadge } from "@/jobs/StatusBadge";
import { assertNever } from "@/lib/assertNever";
import { duration } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { TimeAgo } from "@/ui/TimeAgo";
import { useNow } from "@/ui/useNow";

const MAX_CONFLICTS = 4;

interface JobCardProps {
  job: Job;
  /** The signed-in person; others' jobs name who asked. */
  userId: number;
  mayAct: boolean;
  isBusy: boolean;
  onCancel: () => void;
  onRetry: () => void;
  onUndo?: () => void;
  onRedo?: () => void;
  /** What the last undo or redo left alone, with what can be done about it. */
  left?: LeftAlone | null;
  onTakeAlong?: () => void;
  onLeave?: () => void;
  onEdit?: () => void;
  onShow?: () => void;
  /** Leads to the canvas of the drawing, where the card is not on it. */
  onOpen?: () => void;
}

/** One request for a drawing, from the click to its end. */
export function JobCard({
  job,
  userId,
  mayAct,
  isBusy,
  onCancel,
  onRetry,
  onUndo,
  onRedo,
  left,
  onTakeAlong,
  onLeave,
  onEdit,
  onShow,
  onOpen,
}: JobCardProps) {
  const card = useRef<HTMLElement>(null);
  const now = useNow(job.status === "processing");
  const instruction = job.request_data.instructions;
  const elapsed = elapsedSeconds(job, now);
  // The button goes or is off; who goes by keyboard stays at this card.
  const fromCard = (act?: () => void) => () => {
    card.current?.focus();
    act?.();
  };
  const who = job.user_id === userId ? "You" : job.user_name || "Somebody";
  return (
    <article ref={card} tabIndex={-1} className={styles.card} aria-label={instruction}>
      <div className={styles.top}>
        <StatusBadge status={job.status} />
        <span>
          {who} · <TimeAgo at={job.created_at} />
        </span>
      </div>
      <p className={styles.instruction} title={instruction}>
        {instruction}
      </p>
      <JobDetail job={job} elapsed={elapsed} />
      {left && onTakeAlong && onLeave && (
        <LeftAloneNote
          left={left}
          isBusy={isBusy}
          onTakeAlong={fromCard(onTakeAlong)}
          onLeave={fromCard(onLeave)}
        />
      )}
      {mayAct && (
        <div className={styles.actions}>
          {isActive(job) && (
            <Button small disabled={isBusy} onClick={fromCard(onCancel)}>
              Cancel
            </Button>
          )}
          {(job.status === "failed" || job.status === "cancelled") && (
            <Button small disabled={isBusy} onClick={fromCard(onRetry)}>
              <Icon name="retry" size={14} /> Retry
            </Button>
          )}
          {job.status === "completed" && onUndo && job.undone_at === null && (
            <Button small disabled={isBusy} onClick={fromCard(onUndo)}>
              <Icon name="undo" size={14} /> Undo
            </Button>
          )}
          {job.status === "completed" && onRedo && job.undone_at !== null && (
            <Button small disabled={isBusy} onClick={fromCard(onRedo)}>
              <Icon name="retry" size={14} /> Redo
            </Button>
          )}
          {job.status === "completed" && job.undone_at === null && onShow && (
            <Button small aria-label="Show on canvas" title="Show on canvas" onClick={onShow}>
              <Icon name="target" size={14} /> Show
            </Button>
          )}
          {job.status === "completed" && onOpen && (
            <Button small onClick={onOpen}>
              Open
            </Button>
          )}
          {!isActive(job) && onEdit && (
            <Button small look="quiet" aria-label="Edit and resend" title="Edit and resend" onClick={onEdit}>
              <Icon name="pencil" size={14} /> Edit
            </Button>
          )}
        </div>
      )}
    </article>
  );
}

function JobDetail({ job, elapsed }: { job: Job; elapsed: number | null }) {
  const time = elapsed === null ? null : duration(elapsed);
  switch (job.status) {
    case "queued":
      return (
        <>
          <p className={styles.detail}>{waitingText(job)}.</p>
          {job.error_message && <p className={styles.detail}>Last try: {job.error_message}</p>}
        </>
      );
    case "processing":
      return (
        <>
          <div
            className={styles.bar}
            role="progressbar"
            aria-label="Progress"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={job.progress}
          >
            <span style={{ width: `${Math.min(100, Math.max(3, job.progress))}%` }} />
          </div>
          <p className={styles.detail}>
            {[job.progress_message ?? "Starting", job.attempt > 1 && `try ${job.attempt}`, time]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </>
      );
    case "completed": {
      const count = objectCount(job);
      // The message counts as people do; each label is an object of its own here.
      const isTold = Boolean(job.result_data?.message);
      const drawn = isTold || count === null ? null : `${count} ${count === 1 ? "object" : "objects"}`;
      return (
        <>
          {job.result_data?.message && <p className={styles.detail}>{job.result_data.message}</p>}
          <Conflicts job={job} />
          <p className={styles.detail}>
            {[job.undone_at !== null && "Taken back", drawn, time, tokensText(job)]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </>
      );
    }
    case "failed":
      return (
        <>
          <p className={styles.error}>
            {job.error_message ?? "It did not work. Retry, or say it in other words."}
          </p>
          <UsedAnyway job={job} />
        </>
      );
    case "cancelled":
      return (
        <>
          <p className={styles.detail}>Stopped before anything was drawn.</p>
          <UsedAnyway job={job} />
        </>
      );
    default:
      return assertNever(job.status);
  }
}

/** A model costs also when nothing came of it. */
function UsedAnyway({ job }: { job: Job }) {
  const tokens = tokensText(job);
  return tokens === null ? null : <p className={styles.detail}>Used {tokens} of the AI model.</p>;
}

/** What the job left alone because somebody changed it while the job worked. */
function Conflicts({ job }: { job: Job }) {
  const sentences = (job.result_data?.conflicts ?? []).flatMap(({ error }) => error ?? []);
  if (sentences.length === 0) return null;
  const hidden = sentences.length - MAX_CONFLICTS;
  return (
    <ul className={styles.conflicts} aria-label="Left as people changed it">
      {sentences.slice(0, MAX_CONFLICTS).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
      {hidden > 0 && <li>And {hidden} more.</li>}
    </ul>
  );
}
