export { DescribeDrawing } from "@/jobs/DescribeDrawing";
export { fetchObjectsOf, jobListKey, receiveJobMessage } from "@/jobs/jobCache";
export { JobPanel } from "@/jobs/JobPanel";
export { JobState } from "@/jobs/JobState";
export { useAsking } from "@/jobs/useAsking";
