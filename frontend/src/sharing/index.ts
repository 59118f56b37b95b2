export { ROLE_LABELS } from "@/sharing/roleLabels";
export { ShareDialog } from "@/sharing/ShareDialog";
