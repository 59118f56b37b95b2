import { useState } from "react";

import type { Job } from "@/api/models";
import styles from "@/jobs/JobNews.module.css";
import { STATUS_LABELS } from "@/jobs/labels";

const MAX_WORDS = 80;

interface JobNewsProps {
  /** Undefined as long as nobody knows them. */
  jobs: readonly Job[] | undefined;
  userId: number;
}

/** Says what became of one's own requests to those who have the page read out. */
export function JobNews({ jobs, userId }: JobNewsProps) {
  const [held, setHeld] = useState(jobs);
  const [news, setNews] = useState("");
  if (held !== jobs) {
    setHeld(jobs);
    const statuses = new Map(held?.map(({ id, status }) => [id, status]));
    const changed = jobs?.find((job) => job.user_id === userId && job.status !== statuses.get(job.id));
    // What was there when the page was opened is no news.
    if (held && changed) setNews(newsOf(changed));
  }
  return (
    <p role="status" aria-label="What became of your requests" className={styles.spoken}>
      {news}
    </p>
  );
}

function newsOf(job: Job): string {
  const words = job.request_data.instructions;
  const short = words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
  const more = job.status === "failed" ? job.error_message : job.result_data?.message;
  return [`${STATUS_LABELS[job.status].label}: ${short}.`, more].filter(Boolean).join(" ");
}
