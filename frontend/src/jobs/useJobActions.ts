import { useMutation, useQueryClient } from "@tanstack/react-query";

import { cancelJob, retryJob } from "@/api/endpoints";
import { fetchJob, takeJob } from "@/jobs/jobCache";
import type { JobListName } from "@/jobs/jobCache";
import { notify } from "@/ui/notices";

/** Cancel and retry, with the list brought up to date and refusals shown. */
export function useJobActions(list: JobListName) {
  const client = useQueryClient();
  const options = (call: typeof cancelJob) => ({
    mutationFn: call,
    onSuccess: (job: Awaited<ReturnType<typeof cancelJob>>) => takeJob(client, list, job),
    onError: (error: Error, id: string) => {
      notify(error.message);
      void fetchJob(client, list, id);
    },
  });
  const cancel = useMutation(options(cancelJob));
  const retry = useMutation(options(retryJob));
  return {
    cancel: (id: string) => cancel.mutate(id),
    retry: (id: string) => retry.mutate(id),
    busyId: cancel.isPending ? cancel.variables : retry.isPending ? retry.variables : null,
  };
}
