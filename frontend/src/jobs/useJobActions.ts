import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { cancelJob, redoJob, retryJob, undoJob } from "@/api/endpoints";
import type { Job } from "@/api/models";
import { fetchJob, takeJob } from "@/jobs/jobCache";
import type { JobListName } from "@/jobs/jobCache";
import { leftAlone } from "@/jobs/labels";
import type { Direction, LeftAlone } from "@/jobs/labels";
import { notify } from "@/ui/notices";

interface Reverting {
  id: string;
  direction: Direction;
  force: boolean;
}

/** What an undo or redo left alone, as long as nobody did anything to the job since. */
interface Left extends LeftAlone {
  direction: Direction;
  revision: number;
}

/** What a person can do to a job, with the list brought up to date and refusals shown. */
export function useJobActions(list: JobListName) {
  const client = useQueryClient();
  const [left, setLeft] = useState<ReadonlyMap<string, Left>>(new Map());
  const fail = (error: Error, id: string) => {
    notify(error.message);
    void fetchJob(client, list, id);
  };
  const remember = (id: string, what: Left | null) =>
    setLeft((before) => {
      const after = new Map(before);
      if (what) after.set(id, what);
      else after.delete(id);
      return after;
    });
  const options = (call: typeof cancelJob) => ({
    mutationFn: call,
    onSuccess: (job: Job) => takeJob(client, list, job),
    onError: fail,
  });
  const cancel = useMutation(options(cancelJob));
  const retry = useMutation(options(retryJob));
  const revert = useMutation({
    mutationFn: ({ id, direction, force }: Reverting) =>
      direction === "undo" ? undoJob(id, force) : redoJob(id, force),
    onSuccess: (reverted, { id, direction }) => {
      takeJob(client, list, reverted.job);
      const what = leftAlone(direction, reverted);
      remember(id, what && { ...what, direction, revision: reverted.job.revision });
    },
    onError: (error, { id }) => fail(error, id),
  });
  const busy = [cancel, retry].find((action) => action.isPending);
  return {
    cancel: (id: string) => cancel.mutate(id),
    retry: (id: string) => retry.mutate(id),
    undo: (id: string) => revert.mutate({ id, direction: "undo", force: false }),
    redo: (id: string) => revert.mutate({ id, direction: "redo", force: false }),
    leftBy: (job: Job): LeftAlone | null => {
      const what = left.get(job.id);
      return what?.revision === job.revision ? what : null;
    },
    takeAlong: (id: string) => {
      const what = left.get(id);
      if (what) revert.mutate({ id, direction: what.direction, force: true });
    },
    leaveAlone: (id: string) => remember(id, null),
    busyId: revert.isPending ? revert.variables.id : (busy?.variables ?? null),
  };
}
