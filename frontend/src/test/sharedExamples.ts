import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { z } from "@/lib/schema";

const REPOSITORY = resolve(import.meta.dirname, "../../..");

function readShared(path: string): unknown {
  return JSON.parse(readFileSync(resolve(REPOSITORY, path), "utf-8"));
}

const examplesSchema = z.object({
  server: z.record(z.string(), z.looseObject({ type: z.string() })),
  client: z.record(z.string(), z.looseObject({ type: z.string() })),
});

/** One example of every message; the server's tests read the same file. */
export function protocolExamples() {
  return examplesSchema.parse(readShared("tests/protocol_examples.json"));
}

const stampSchema = z.object({ version: z.number(), version_nonce: z.number() });
const mergeCasesSchema = z.array(
  z.object({
    name: z.string(),
    local: stampSchema.nullable(),
    remote: stampSchema,
    winner: z.enum(["local", "remote"]),
  }),
);

/** Who wins when two states of an object meet; the server's tests read the same file. */
export function mergeCases() {
  return mergeCasesSchema.parse(readShared("canvases/tests/merge_cases.json"));
}
