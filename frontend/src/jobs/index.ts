export { DescribeDrawing } from "@/jobs/DescribeDrawing";
export { jobListKey, receiveJobMessage } from "@/jobs/jobCache";
export { JobPanel } from "@/jobs/JobPanel";
export { JobState } from "@/jobs/JobState";
export { useAsking } from "@/jobs/useAsking";
