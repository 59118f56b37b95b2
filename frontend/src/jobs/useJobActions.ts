import { useMutation, useQueryClient } from "@tanstack/react-query";

import { cancelJob, redoJob, retryJob, undoJob } from "@/api/endpoints";
import type { RevertedJob } from "@/api/models";
import { fetchJob, takeJob } from "@/jobs/jobCache";
import type { JobListName } from "@/jobs/jobCache";
import { leftAlone } from "@/jobs/labels";
import { notify } from "@/ui/notices";

/** What a person can do to a job, with the list brought up to date and refusals shown. */
export function useJobActions(list: JobListName) {
  const client = useQueryClient();
  const onError = (error: Error, id: string) => {
    notify(error.message);
    void fetchJob(client, list, id);
  };
  const options = (call: typeof cancelJob) => ({
    mutationFn: call,
    onSuccess: (job: Awaited<ReturnType<typeof cancelJob>>) => takeJob(client, list, job),
    onError,
  });
  const revertOptions = (call: typeof undoJob) => ({
    mutationFn: call,
    onSuccess: (reverted: RevertedJob) => {
      takeJob(client, list, reverted.job);
      const sentence = leftAlone(reverted);
      if (sentence !== null) notify(sentence);
    },
    onError,
  });
  const cancel = useMutation(options(cancelJob));
  const retry = useMutation(options(retryJob));
  const undo = useMutation(revertOptions(undoJob));
  const redo = useMutation(revertOptions(redoJob));
  const busy = [cancel, retry, undo, redo].find((action) => action.isPending);
  return {
    cancel: (id: string) => cancel.mutate(id),
    retry: (id: string) => retry.mutate(id),
    undo: (id: string) => undo.mutate(id),
    redo: (id: string) => redo.mutate(id),
    busyId: busy?.variables ?? null,
  };
}
