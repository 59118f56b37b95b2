import type { QueryClient, QueryKey } from "@tanstack/react-query";

import { getJob } from "@/api/endpoints";
import { ApiError } from "@/api/http";
import { keys } from "@/api/keys";
import type { Job } from "@/api/models";
import { applyJobMessage, mergeJobs } from "@/jobs/jobList";
import type { JobMessage } from "@/realtime/protocol";

/** Where a list of jobs is held: that of one canvas, or one's own. */
export type JobListName = { canvasId: string } | "own";

export function jobListKey(list: JobListName): QueryKey {
  return list === "own" ? keys.ownJobs : keys.canvasJobs(list.canvasId);
}

export function heldJobs(client: QueryClient, list: JobListName): readonly Job[] {
  return client.getQueryData<readonly Job[]>(jobListKey(list)) ?? [];
}

export function takeJob(client: QueryClient, list: JobListName, job: Job): void {
  client.setQueryData<readonly Job[]>(jobListKey(list), (held) => mergeJobs(held ?? [], [job]));
}

/** Brings a list up to a message from a socket, and fetches what the message alone cannot tell. */
export function receiveJobMessage(client: QueryClient, list: JobListName, message: JobMessage): void {
  const { jobs, toFetch } = applyJobMessage(heldJobs(client, list), message);
  client.setQueryData<readonly Job[]>(jobListKey(list), jobs);
  for (const id of toFetch) void fetchJob(client, list, id);
}

/** The objects that a completed job drew or changed, which lists leave out; null when nobody can tell right now. */
export async function fetchObjectsOf(job: Job): Promise<readonly string[] | null> {
  if (job.result_data?.objects) return job.result_data.objects;
  try {
    return (await getJob(job.id)).result_data?.objects ?? null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return null;
  }
}

/** Fetches one job into a list. When that fails the whole list is fetched again instead. */
export async function fetchJob(client: QueryClient, list: JobListName, id: string): Promise<void> {
  const isHeld = () => heldJobs(client, list).some((job) => job.id === id);
  const wasHeld = isHeld();
  try {
    const job = await getJob(id);
    // One that was deleted while the answer was on its way stays away.
    if (!wasHeld || isHeld()) takeJob(client, list, job);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    await client.invalidateQueries({ queryKey: jobListKey(list), exact: true });
  }
}
