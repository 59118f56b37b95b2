import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import type { Job } from "@/api/models";
import { JobNews } from "@/jobs/JobNews";
import { makeJob } from "@/test/factories";

const ME = 1;
const mine = (changes: Partial<Job>) =>
  makeJob({ user_id: ME, request_data: { instructions: "A -> B" }, ...changes });

test("what becomes of one's own requests is told, what was there before and what others ask for is not", () => {
  const old = mine({ id: "old", status: "completed" });
  const { rerender } = render(<JobNews jobs={undefined} userId={ME} />);
  const news = screen.getByRole("status", { name: "What became of your requests" });
  const tell = (...jobs: Job[]) => {
    rerender(<JobNews jobs={jobs} userId={ME} />);
    return news.textContent;
  };

  expect(tell(old)).toBe("");
  expect(tell(mine({ id: "new", status: "queued" }), old)).toBe("Queued: A -> B.");
  const failed = mine({ id: "new", status: "failed", error_message: "I did not understand." });
  expect(tell(failed, old)).toBe("Failed: A -> B. I did not understand.");
  const theirs = makeJob({ id: "theirs", user_id: 2, status: "completed" });
  expect(tell(theirs, failed, old)).toBe("Failed: A -> B. I did not understand.");
  // So quick that nobody saw it wait.
  const quick = mine({ id: "quick", status: "completed", result_data: { message: "Drew 2 boxes." } });
  expect(tell(quick, theirs, failed, old)).toBe("Done: A -> B. Drew 2 boxes.");
});
