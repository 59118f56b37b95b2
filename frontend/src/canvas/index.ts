export { CanvasView } from "@/canvas/CanvasView";
export { LeaveGuard } from "@/canvas/LeaveGuard";
export { LiveState } from "@/canvas/LiveState";
export { OnlinePeople } from "@/canvas/OnlinePeople";
export { OutlineDialog } from "@/canvas/OutlineDialog";
export { TitleEditor } from "@/canvas/TitleEditor";
export { useCanvasSession } from "@/canvas/useCanvasSession";
