import { elementSchema, jobSchema, objectRowSchema, queueSchema, roleSchema } from "@/api/models";
import type { CanvasElement } from "@/api/models";
import { z } from "@/lib/schema";

const memberSchema = z.object({ client_id: z.string(), user_id: z.number(), name: z.string() });
export type OnlineMember = z.infer<typeof memberSchema>;

const actorSchema = z.object({
  user_id: z.number().nullable(),
  name: z.string(),
  client_id: z.string().nullable(),
});

const refusalSchema = z.object({
  id: z.string(),
  code: z.string(),
  error: z.string(),
  object: objectRowSchema.nullable(),
});
export type Refusal = z.infer<typeof refusalSchema>;

const previewElementSchema = z.object({
  id: z.string(),
  type: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  points: z.array(z.tuple([z.number(), z.number()])).default([]),
  text: z.string().default(""),
  fontSize: z.number().default(20),
  fontFamily: z.number().default(5),
  textAlign: z.enum(["left", "center", "right"]).default("left"),
  lineHeight: z.number().default(1.25),
  /** For what is on the canvas already: whether it will look like this, or go. */
  change: z.enum(["changed", "gone"]).nullable().default(null),
  strokeColor: z.string().nullable().default(null),
  backgroundColor: z.string().nullable().default(null),
});
/** Something that a job is about to draw, change or delete: enough to show it, too little to keep it. */
export type PreviewElement = z.infer<typeof previewElementSchema>;

const jobFields = {
  job_id: z.string(),
  canvas_id: z.string().nullable().default(null),
  job_type: z.string().default(""),
  revision: z.number(),
};

const serverMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("jobs.snapshot"), jobs: z.array(jobSchema), revision: z.number() }),
  z.object({
    type: z.literal("ai_job_update"),
    ...jobFields,
    status: z.enum(["queued", "processing"]),
    message: z.string().nullable().default(null),
    progress: z.number().default(0),
    stage: z.string().nullable().default(null),
    objects_done: z.number().nullable().default(null),
    attempt: z.number().default(0),
    elapsed_seconds: z.number().nullable().default(null),
    queue: queueSchema.nullable().default(null),
  }),
  z.object({
    type: z.literal("ai_job_complete"),
    ...jobFields,
    status: z.literal("completed"),
    result: z.looseObject({ canvas_id: z.string().nullish(), object_count: z.number().nullish() }).nullable(),
    progress: z.number().default(100),
  }),
  z.object({
    type: z.literal("ai_job_error"),
    ...jobFields,
    status: z.enum(["failed", "cancelled"]),
    error: z.string().nullable().default(null),
    code: z.string().nullable().default(null),
  }),
  z.object({ type: z.literal("ai_job_deleted"), ...jobFields }),
  z.object({
    type: z.literal("canvas.snapshot"),
    /** Null where they are too many for one message. */
    objects: z.array(objectRowSchema).nullable(),
    seq: z.number(),
    title: z.string().nullable().default(null),
    role: roleSchema,
    members_online: z.array(memberSchema),
    client_id: z.string(),
  }),
  z.object({
    type: z.literal("objects.changed"),
    objects: z.array(objectRowSchema),
    seq: z.number(),
    actor: actorSchema,
    job_id: z.string().nullable().default(null),
  }),
  z.object({
    type: z.literal("objects.refused"),
    client_id: z.string().nullable().default(null),
    refusals: z.array(refusalSchema),
  }),
  z.object({
    type: z.literal("job.preview"),
    job_id: z.string(),
    user_id: z.number().nullable().default(null),
    elements: z.array(previewElementSchema),
  }),
  z.object({ type: z.literal("presence.joined"), member: memberSchema }),
  z.object({ type: z.literal("presence.left"), client_id: z.string() }),
  z.object({
    type: z.literal("presence.pointer"),
    client_id: z.string(),
    x: z.number(),
    y: z.number(),
    button: z.enum(["up", "down"]).default("up"),
  }),
  z.object({
    type: z.literal("presence.selection"),
    client_id: z.string(),
    object_ids: z.array(z.string()),
  }),
  z.object({ type: z.literal("canvas.renamed"), title: z.string() }),
  z.object({
    type: z.literal("access.changed"),
    role: roleSchema.nullable(),
    reason: z.string().nullable().default(null),
  }),
  z.object({ type: z.literal("resync") }),
  z.object({ type: z.literal("error"), code: z.string(), error: z.string() }),
  z.object({ type: z.literal("pong") }),
]);

export type ServerMessage = z.infer<typeof serverMessageSchema>;
type ServerMessageType = ServerMessage["type"];
export type MessageOf<T extends ServerMessageType> = Extract<ServerMessage, { type: T }>;
export type JobMessage = MessageOf<
  "jobs.snapshot" | "ai_job_update" | "ai_job_complete" | "ai_job_error" | "ai_job_deleted"
>;

const typedSchema = z.looseObject({ type: z.string() });
const KNOWN_TYPES: ReadonlySet<string> = new Set(
  serverMessageSchema.options.map((option) => option.shape.type.value),
);

type Parsed =
  | { kind: "message"; message: ServerMessage }
  /** A type that this page does not know: newer servers may send it, and it is ignored. */
  | { kind: "unknown" }
  /** A known type in a wrong form: something was missed, so the reader should fetch anew. */
  | { kind: "malformed"; reason: string };

/** Reads one text frame of a socket; never throws. */
export function parseServerMessage(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "malformed", reason: "not JSON" };
  }
  const typed = typedSchema.safeParse(value);
  if (!typed.success) return { kind: "malformed", reason: "no type" };
  if (!KNOWN_TYPES.has(typed.data.type)) return { kind: "unknown" };
  const parsed = serverMessageSchema.safeParse(value);
  return parsed.success
    ? { kind: "message", message: parsed.data }
    : { kind: "malformed", reason: `${typed.data.type}: ${z.prettifyError(parsed.error)}` };
}

export type ClientMessage =
  | { type: "objects.change"; objects: { id: string; properties: CanvasElement }[]; client_id: string }
  | { type: "presence.pointer"; x: number; y: number; button: "up" | "down" }
  | { type: "presence.selection"; object_ids: string[] }
  | { type: "ping" };

/** The same union as a parser, so that a test can hold it against the published examples; other clients send more. */
export const clientMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("objects.change"),
    objects: z.array(z.strictObject({ id: z.string(), properties: elementSchema })).max(500),
    client_id: z.string(),
  }),
  z.strictObject({
    type: z.literal("presence.pointer"),
    x: z.number(),
    y: z.number(),
    button: z.enum(["up", "down"]),
  }),
  z.strictObject({ type: z.literal("presence.selection"), object_ids: z.array(z.string()).max(500) }),
  z.strictObject({ type: z.literal("ping") }),
]) satisfies z.ZodType<ClientMessage>;
