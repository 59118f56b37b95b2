import type { ColorScheme, Instruction, Style } from "@/api/endpoints";
import { COLOR_SCHEMES, STYLES } from "@/api/endpoints";
import type { Job } from "@/api/models";

export const MAX_INSTRUCTION = 4_000;

export const EMPTY_DRAFT: Instruction = { instructions: "", style: "modern", colorScheme: "default" };

/** What a job asked for, to be changed and sent again. */
export function draftOf(job: Job): Instruction {
  const { instructions, style, colorScheme } = job.request_data;
  return {
    instructions,
    style: STYLES.find((known): known is Style => known === style) ?? EMPTY_DRAFT.style,
    colorScheme:
      COLOR_SCHEMES.find((known): known is ColorScheme => known === colorScheme) ?? EMPTY_DRAFT.colorScheme,
  };
}
