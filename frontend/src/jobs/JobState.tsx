import { StatusBadge } from "@/jobs/StatusBadge";
import { useJobs } from "@/jobs/useJobs";

interface JobStateProps {
  canvasId: string;
  jobId: string | null;
  isLive: boolean;
}

/** What became of one request, in a word, where its card is out of sight. */
export function JobState({ canvasId, jobId, isLive }: JobStateProps) {
  const jobs = useJobs({ canvasId }, isLive);
  const job = jobs.data?.find(({ id }) => id === jobId);
  return (
    <span role="status" aria-label="Your last request">
      {job && <StatusBadge status={job.status} />}
    </span>
  );
}
