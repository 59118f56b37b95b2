import { jobSchema, objectRowSchema } from "@/api/models";
import type { Job, ObjectRow } from "@/api/models";
import { protocolExamples } from "@/test/sharedExamples";

type JobChanges = Partial<Omit<Job, "measured_at_ms">>;

/** A job as the server would send it, from the published example. */
export function makeJob(changes: JobChanges = {}): Job {
  const snapshot = protocolExamples().server["jobs.snapshot"] as unknown as { jobs: object[] };
  return jobSchema.parse({ ...snapshot.jobs[0], ...changes });
}

export function makeRow(
  id: string,
  version: number,
  versionNonce = 1,
  changes: Partial<ObjectRow> = {},
): ObjectRow {
  const isDeleted = changes.is_deleted ?? false;
  return objectRowSchema.parse({
    id,
    object_type: "rectangle",
    version,
    version_nonce: versionNonce,
    seq: version,
    is_deleted: isDeleted,
    ...changes,
    properties: {
      id,
      type: "rectangle",
      version,
      versionNonce,
      isDeleted,
      x: 0,
      y: 0,
      width: 10,
      height: 10,
    },
  });
}
