import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";

import { askForChange, MAX_OBJECTS_AT_ONCE } from "@/api/endpoints";
import type { Job, Session, SignedInUser } from "@/api/models";
import { AskForm } from "@/jobs/AskForm";
import { draftOf } from "@/jobs/draft";
import { fetchJob } from "@/jobs/jobCache";
import { JobCard } from "@/jobs/JobCard";
import { JobNews } from "@/jobs/JobNews";
import styles from "@/jobs/JobPanel.module.css";
import { ProviderLine } from "@/jobs/ProviderLine";
import type { Asking } from "@/jobs/useAsking";
import { useJobActions } from "@/jobs/useJobActions";
import { useJobs } from "@/jobs/useJobs";
import { ErrorNote } from "@/ui/ErrorNote";

interface JobPanelProps {
  canvasId: string;
  asking: Asking;
  session: Session;
  user: SignedInUser;
  mayEdit: boolean;
  isLive: boolean;
  selectedIds: readonly string[];
  onShow: (job: Job) => void;
  onSent: (jobId: string) => void;
}

/** AI drawing on one canvas: the request, and what became of all requests so far. */
export function JobPanel({
  canvasId,
  asking,
  session,
  user,
  mayEdit,
  isLive,
  selectedIds,
  onShow,
  onSent,
}: JobPanelProps) {
  const list = { canvasId };
  const client = useQueryClient();
  const jobs = useJobs(list, isLive);
  const actions = useJobActions(list);
  const question = useRef<HTMLTextAreaElement>(null);

  async function send() {
    const selected = selectedIds.slice(0, MAX_OBJECTS_AT_ONCE);
    const jobId = await asking.send(
      (instruction, key) => askForChange(canvasId, instruction, selected, key),
      selected,
    );
    if (jobId === null) return;
    await fetchJob(client, list, jobId);
    onSent(jobId);
  }

  const selection = selectedIds.length;
  return (
    <div className={styles.panel}>
      <ProviderLine session={session} />
      {!isLive && (
        <p className={styles.offline} role="status">
          No live connection. Reconnecting; until then the list is refreshed every few seconds.
        </p>
      )}
      {session.ai_enabled && mayEdit && (
        <AskForm
          asking={asking}
          onSend={() => void send()}
          showExamples={jobs.data?.length === 0}
          question={question}
          placeholder="Something new: A -> B -> C. Or a change of what is here: make A green."
          hint={
            selection > MAX_OBJECTS_AT_ONCE
              ? `Only ${MAX_OBJECTS_AT_ONCE} of the ${selection} selected objects go with it`
              : selection > 0
                ? `${selection} selected ${selection === 1 ? "object goes" : "objects go"} with it`
                : undefined
          }
        />
      )}
      {!mayEdit && <p className={styles.empty}>You may look at this canvas but not draw on it.</p>}
      <JobNews jobs={jobs.data} userId={user.id} />
      <ErrorNote error={jobs.data ? null : jobs.error} onRetry={() => void jobs.refetch()} />
      {jobs.data && jobs.data.length > 0 && (
        <section className={styles.list} aria-label="Requests">
          <h3 className={styles.heading}>Requests</h3>
          {jobs.data.map((job) => (
            <JobCard
              key={job.id}
              job={job}
              userId={user.id}
              mayAct={mayEdit || job.user_id === user.id}
              isBusy={actions.busyId === job.id}
              onCancel={() => actions.cancel(job.id)}
              onRetry={() => actions.retry(job.id)}
              {...(mayEdit && {
                onUndo: () => actions.undo(job.id),
                onRedo: () => actions.redo(job.id),
                left: actions.leftBy(job),
                onTakeAlong: () => actions.takeAlong(job.id),
                onLeave: () => actions.leaveAlone(job.id),
              })}
              {...(mayEdit &&
                session.ai_enabled && {
                  onEdit: () => {
                    asking.setDraft(draftOf(job));
                    question.current?.focus();
                  },
                })}
              onShow={() => onShow(job)}
            />
          ))}
        </section>
      )}
    </div>
  );
}
