import { request, requestNothing } from "@/api/http";
import {
  acceptedInvitationSchema,
  canvasPageSchema,
  canvasSchema,
  invitationListSchema,
  invitationPreviewSchema,
  invitationSchema,
  jobListSchema,
  jobSchema,
  memberListSchema,
  memberSchema,
  operationsSchema,
  ownJobsSchema,
  revertedJobSchema,
  sessionSchema,
  snapshotSchema,
  submittedJobSchema,
} from "@/api/models";
import type { CanvasElement, Role } from "@/api/models";

const segment = encodeURIComponent;

export const getSession = (signal?: AbortSignal) =>
  request("/api/session", sessionSchema, signal ? { signal } : {});
export const signIn = (credentials: { username: string; password: string; code?: string }) =>
  request("/api/session", sessionSchema, { method: "POST", body: credentials });
export const signOut = () => requestNothing("/api/session", { method: "DELETE" });

export const listCanvases = (offset: number) =>
  request(`/api/canvases?limit=${CANVAS_PAGE_SIZE}&offset=${offset}`, canvasPageSchema);
const CANVAS_PAGE_SIZE = 48;
export const createCanvas = (title: string) =>
  request("/api/canvases", canvasSchema, { method: "POST", body: { title } });
export const getCanvas = (id: string) => request(`/api/canvases/${segment(id)}`, canvasSchema);
export const renameCanvas = (id: string, title: string) =>
  request(`/api/canvases/${segment(id)}`, canvasSchema, { method: "PATCH", body: { title } });
export const deleteCanvas = (id: string) =>
  requestNothing(`/api/canvases/${segment(id)}`, { method: "DELETE" });

export const EXPORT_FORMATS = ["png", "svg", "mermaid", "markdown", "excalidraw"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** Where a canvas can be had as a file; the browser saves it under a name of its own. */
export const exportAddress = (canvasId: string, format: ExportFormat) =>
  `/api/canvases/${segment(canvasId)}/export?format=${format}`;
/** A small picture of a canvas as it is at `seq`. */
export const thumbnailAddress = (canvas: { id: string; seq: number }) =>
  `/api/canvases/${segment(canvas.id)}/thumbnail?seq=${canvas.seq}`;

export const getSnapshot = (canvasId: string, sinceSeq: number | null, signal?: AbortSignal) =>
  request(
    `/api/canvases/${segment(canvasId)}/snapshot${sinceSeq === null ? "" : `?since_seq=${sinceSeq}`}`,
    snapshotSchema,
    signal ? { signal } : {},
  );
export const putObjects = (canvasId: string, elements: readonly CanvasElement[]) =>
  request(`/api/canvases/${segment(canvasId)}/operations`, operationsSchema, {
    method: "POST",
    body: { operations: elements.map((element) => ({ type: "put", id: element.id, properties: element })) },
  });

export const listMembers = (canvasId: string) =>
  request(`/api/canvases/${segment(canvasId)}/members`, memberListSchema);
export const changeRole = (canvasId: string, userId: number, role: Role) =>
  request(`/api/canvases/${segment(canvasId)}/members/${userId}`, memberSchema, {
    method: "PATCH",
    body: { role },
  });
export const removeMember = (canvasId: string, userId: number) =>
  requestNothing(`/api/canvases/${segment(canvasId)}/members/${userId}`, { method: "DELETE" });

export const listInvitations = (canvasId: string) =>
  request(`/api/canvases/${segment(canvasId)}/invitations`, invitationListSchema);
export const invite = (canvasId: string, invitation: { email: string; role: Role }) =>
  request(`/api/canvases/${segment(canvasId)}/invitations`, invitationSchema, {
    method: "POST",
    body: invitation,
  });
export const revokeInvitation = (canvasId: string, invitationId: string) =>
  requestNothing(`/api/canvases/${segment(canvasId)}/invitations/${segment(invitationId)}`, {
    method: "DELETE",
  });
export const getInvitation = (token: string) =>
  request(`/api/invitations/${segment(token)}`, invitationPreviewSchema);
export const acceptInvitation = (token: string) =>
  request(`/api/invitations/${segment(token)}/accept`, acceptedInvitationSchema, {
    method: "POST",
    body: {},
  });

export const listCanvasJobs = (canvasId: string) =>
  request(`/api/canvases/${segment(canvasId)}/jobs`, jobListSchema);
export const listOwnJobs = () => request("/api/ai-agent/jobs?limit=20&offset=0", ownJobsSchema);
export const getJob = (id: string) => request(`/api/jobs/${segment(id)}`, jobSchema);
export const cancelJob = (id: string) =>
  request(`/api/jobs/${segment(id)}/cancel`, jobSchema, { method: "POST", body: {} });
export const retryJob = (id: string) =>
  request(`/api/jobs/${segment(id)}/retry`, jobSchema, { method: "POST", body: {} });

/** With `force`, also what somebody edited since. */
export const undoJob = (id: string, force: boolean) =>
  request(`/api/jobs/${segment(id)}/undo`, revertedJobSchema, { method: "POST", body: { force } });
export const redoJob = (id: string, force: boolean) =>
  request(`/api/jobs/${segment(id)}/redo`, revertedJobSchema, { method: "POST", body: { force } });

export const STYLES = ["modern", "corporate", "creative", "minimal"] as const;
export type Style = (typeof STYLES)[number];
export const COLOR_SCHEMES = ["default", "pastel", "vibrant", "monochrome"] as const;
export type ColorScheme = (typeof COLOR_SCHEMES)[number];

export interface Instruction {
  instructions: string;
  style: Style;
  colorScheme: ColorScheme;
}

/** Asks for a drawing on a new canvas. Requests with the same key, whatever they ask for, are one job. */
export const askForCanvas = (instruction: Instruction, key: string) =>
  request("/api/ai-agent/create-canvas", submittedJobSchema, {
    method: "POST",
    body: instruction,
    headers: { "Idempotency-Key": key },
  });

/** So many objects the server takes at once, as edits, as a selection, or as what a request is about. */
export const MAX_OBJECTS_AT_ONCE = 500;

/** Asks for a change of one canvas, in the same way; `selectedObjectIds` are what the person means by "these". */
export const askForChange = (
  canvasId: string,
  instruction: Instruction,
  selectedObjectIds: readonly string[],
  key: string,
) =>
  request("/api/ai-agent/modify-canvas", submittedJobSchema, {
    method: "POST",
    body: { ...instruction, canvas_id: canvasId, selected_object_ids: selectedObjectIds },
    headers: { "Idempotency-Key": key },
  });
