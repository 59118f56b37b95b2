import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { askForCanvas } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Job, Session, SignedInUser } from "@/api/models";
import { AskForm } from "@/jobs/AskForm";
import styles from "@/jobs/DescribeDrawing.module.css";
import { draftOf } from "@/jobs/draft";
import { fetchJob } from "@/jobs/jobCache";
import { JobCard } from "@/jobs/JobCard";
import { isActive } from "@/jobs/labels";
import { ProviderLine } from "@/jobs/ProviderLine";
import { useAsking } from "@/jobs/useAsking";
import { useJobActions } from "@/jobs/useJobActions";
import { useJobs } from "@/jobs/useJobs";
import { useOwnJobsSocket } from "@/jobs/useOwnJobsSocket";

interface DescribeDrawingProps {
  session: Session;
  user: SignedInUser;
  /** The canvas of a request made here exists now. */
  onDrawn: (canvasId: string) => void;
}

/** Asks for a drawing on a new canvas and follows the request until that canvas can be opened. */
export function DescribeDrawing({ session, user, onDrawn }: DescribeDrawingProps) {
  const client = useQueryClient();
  const isLive = useOwnJobsSocket();
  const jobs = useJobs("own", isLive);
  const actions = useJobActions("own");
  const asking = useAsking();
  const question = useRef<HTMLTextAreaElement>(null);
  const [askedHere, setAskedHere] = useState<readonly string[]>([]);

  // Also what was asked for before a reload: whoever saw it being drawn wants to know how it ended.
  const [seenActive, setSeenActive] = useState<readonly string[]>([]);
  const followed = (jobs.data ?? []).filter(
    (job) =>
      isForNewCanvas(job) && (isActive(job) || askedHere.includes(job.id) || seenActive.includes(job.id)),
  );
  const unseen = followed.filter((job) => isActive(job) && !seenActive.includes(job.id));
  if (unseen.length > 0) setSeenActive([...seenActive, ...unseen.map(({ id }) => id)]);
  const latest = followed.find((job) => job.id === askedHere.at(-1));
  const drawnCanvasId = latest?.status === "completed" ? latest.canvas_id : null;
  useEffect(() => {
    if (drawnCanvasId) onDrawn(drawnCanvasId);
  }, [drawnCanvasId, onDrawn]);
  const drawn = followed.filter((job) => job.status === "completed").length;
  useEffect(() => {
    if (drawn > 0) void client.invalidateQueries({ queryKey: keys.canvases });
  }, [drawn, client]);

  async function send() {
    const jobId = await asking.send(askForCanvas);
    if (jobId === null) return;
    setAskedHere((before) => [...before, jobId]);
    await fetchJob(client, "own", jobId);
  }

  return (
    <section className={styles.box} aria-labelledby="describe-heading">
      <div className={styles.head}>
        <h2 id="describe-heading">Describe a drawing</h2>
        <ProviderLine session={session} />
      </div>
      {session.ai_enabled && (
        <AskForm asking={asking} onSend={() => void send()} showExamples question={question} />
      )}
      {followed.length > 0 && (
        <div className={styles.followed}>
          {followed.map((job) => (
            <JobCard
              key={job.id}
              job={job}
              userId={user.id}
              mayAct
              isBusy={actions.busyId === job.id}
              {...(job.canvas_id && { onOpen: () => onDrawn(job.canvas_id ?? "") })}
              onCancel={() => actions.cancel(job.id)}
              onRetry={() => {
                setAskedHere((before) => [...before.filter((id) => id !== job.id), job.id]);
                actions.retry(job.id);
              }}
              onEdit={() => {
                asking.setDraft(draftOf(job));
                question.current?.focus();
              }}
            />
          ))}
        </div>
      )}
    </section>
  );
}

function isForNewCanvas(job: Job): boolean {
  return job.job_type === "create_canvas" && !job.request_data.canvas_id;
}
