import { useQuery, useQueryClient } from "@tanstack/react-query";

import { listCanvasJobs, listOwnJobs } from "@/api/endpoints";
import type { Job } from "@/api/models";
import { heldJobs, jobListKey } from "@/jobs/jobCache";
import type { JobListName } from "@/jobs/jobCache";
import { acceptFetched } from "@/jobs/jobList";
import { isActive } from "@/jobs/labels";

const POLL_ACTIVE_MS = 2_000;
const POLL_IDLE_MS = 15_000;
const REFRESH_PLACE_IN_LINE_MS = 10_000;

/** The jobs of a list, kept fresh by messages while `isLive`, by asking otherwise. */
export function useJobs(list: JobListName, isLive: boolean) {
  const client = useQueryClient();
  return useQuery({
    queryKey: jobListKey(list),
    queryFn: async (): Promise<readonly Job[]> => {
      const asked = heldJobs(client, list);
      const fetched =
        list === "own" ? (await listOwnJobs()).jobs : (await listCanvasJobs(list.canvasId)).results;
      return acceptFetched(asked, heldJobs(client, list), fetched);
    },
    refetchInterval: ({ state }) => {
      const anyActive = state.data?.some(isActive) ?? false;
      if (!isLive) return anyActive ? POLL_ACTIVE_MS : POLL_IDLE_MS;
      return anyActive ? REFRESH_PLACE_IN_LINE_MS : false;
    },
  });
}
