import { z } from "@/lib/schema";

/*
 * The shapes that the server sends, parsed once where they arrive. Unknown keys are dropped, except in elements, which
 * belong to the editor. A key without which the page still makes sense has a default.
 */

export const roleSchema = z.enum(["owner", "editor", "viewer"]);
export type Role = z.infer<typeof roleSchema>;

const personSchema = z.object({ id: z.number(), username: z.string(), name: z.string().default("") });

export const sessionSchema = z.object({
  user: personSchema.nullable(),
  provider: z.object({ name: z.string(), label: z.string() }),
  ai_enabled: z.boolean(),
  version: z.string().default(""),
});
export type Session = z.infer<typeof sessionSchema>;
export type SignedInUser = NonNullable<Session["user"]>;

export const canvasSchema = z.object({
  id: z.string(),
  title: z.string(),
  role: roleSchema,
  owner: personSchema,
  created_at: z.string(),
  updated_at: z.string(),
  seq: z.number().default(0),
  object_count: z.number().default(0),
  member_count: z.number().default(1),
});
export type Canvas = z.infer<typeof canvasSchema>;

export const canvasPageSchema = z.object({
  count: z.number(),
  next: z.string().nullable(),
  results: z.array(canvasSchema),
});

/** A complete element of the editor. Only what synchronising needs is named here. */
export const elementSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  version: z.number(),
  versionNonce: z.number(),
  index: z.string().nullable().default(null),
  isDeleted: z.boolean().default(false),
});
export type CanvasElement = z.infer<typeof elementSchema>;

export const objectRowSchema = z.object({
  id: z.string(),
  object_type: z.string(),
  properties: elementSchema,
  version: z.number(),
  version_nonce: z.number(),
  index: z.string().nullable().default(null),
  seq: z.number(),
  is_deleted: z.boolean(),
  created_by: z.number().nullable().default(null),
  created_by_job_id: z.string().nullable().default(null),
  updated_by: z.number().nullable().default(null),
  job_id: z.string().nullable().default(null),
});
export type ObjectRow = z.infer<typeof objectRowSchema>;

export const snapshotSchema = z.object({
  objects: z.array(objectRowSchema),
  seq: z.number(),
  /** Whether this is all of the canvas, and not only what changed. */
  full: z.boolean(),
  role: roleSchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;

const operationResultSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("applied"), id: z.string(), object: objectRowSchema }),
  z.object({
    status: z.literal("refused"),
    id: z.string(),
    object: objectRowSchema.nullable().default(null),
    code: z.string().default("refused"),
    error: z.string().default("This change was refused."),
  }),
]);
export const operationsSchema = z.object({ seq: z.number(), results: z.array(operationResultSchema) });

export const memberSchema = z.object({
  user_id: z.number(),
  username: z.string(),
  name: z.string().default(""),
  role: roleSchema,
});
export type Member = z.infer<typeof memberSchema>;
export const memberListSchema = z.object({ results: z.array(memberSchema) });

export const invitationSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  email: z.string(),
  role: roleSchema,
  url: z.string().nullish(),
  expires_at: z.string(),
  accepted_at: z.string().nullable().default(null),
  revoked_at: z.string().nullable().default(null),
});
export type Invitation = z.infer<typeof invitationSchema>;
export const invitationListSchema = z.object({ results: z.array(invitationSchema) });

export const invitationPreviewSchema = z.object({
  canvas_title: z.string(),
  role: roleSchema,
  invited_by: z.union([z.string(), personSchema.transform((person) => person.name || person.username)]),
  email: z.string(),
});
export const acceptedInvitationSchema = z.object({ canvas_id: z.string() });

const jobStatusSchema = z.enum(["queued", "processing", "completed", "failed", "cancelled"]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const queueSchema = z.object({
  position: z.number().nullable().default(null),
  eta_seconds: z.number().nullable().default(null),
  waiting_reason: z.string().nullable().default(null),
});

const resultObjectSchema = z.union([
  z.string(),
  z.looseObject({ id: z.string() }).transform((row) => row.id),
]);

export const jobSchema = z
  .object({
    id: z.string(),
    user_id: z.number(),
    user_name: z.string().default(""),
    canvas_id: z.string().nullable(),
    job_type: z.string(),
    status: jobStatusSchema,
    request_data: z.looseObject({
      instructions: z.string().default(""),
      canvas_id: z.string().nullish(),
      style: z.string().nullish(),
      colorScheme: z.string().nullish(),
    }),
    result_data: z
      .looseObject({
        canvas_id: z.string().nullish(),
        title: z.string().nullish(),
        message: z.string().nullish(),
        object_count: z.number().nullish(),
        objects: z.array(resultObjectSchema).nullish(),
        conflicts: z.array(z.object({ error: z.string().nullable() })).nullish(),
      })
      .nullable(),
    error_message: z.string().nullable(),
    error_code: z.string().nullable().default(null),
    attempt: z.number().default(0),
    created_at: z.string(),
    started_at: z.string().nullable().default(null),
    completed_at: z.string().nullable().default(null),
    undone_at: z.string().nullable().default(null),
    progress: z.number().default(0),
    progress_message: z.string().nullable().default(null),
    stage: z.string().nullable().default(null),
    objects_done: z.number().nullable().default(null),
    elapsed_seconds: z.number().nullable().default(null),
    revision: z.number(),
    usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }).nullable().default(null),
    queue: queueSchema.nullable().default(null),
  })
  // `elapsed_seconds` is the server's measurement at this moment; the page lets it tick on from here.
  .transform((job) => ({ ...job, measured_at_ms: Date.now() }));
export type Job = z.infer<typeof jobSchema>;

/** What an undo or redo of a job did, and what it left alone because somebody edited it since. */
export const revertedJobSchema = z.object({
  job: jobSchema,
  changed: z.array(z.string()),
  conflicts: z.array(z.object({ id: z.string(), name: z.string().default(""), error: z.string() })),
});
export type RevertedJob = z.infer<typeof revertedJobSchema>;

export const jobListSchema = z.object({ results: z.array(jobSchema) });
export const ownJobsSchema = z.object({ jobs: z.array(jobSchema), total: z.number() });
export const submittedJobSchema = z.object({
  job_id: z.string(),
  message: z.string(),
  status: jobStatusSchema,
});

export const errorBodySchema = z.object({
  error: z.string(),
  code: z.string().default("error"),
});
