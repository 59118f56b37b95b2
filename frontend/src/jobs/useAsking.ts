import { useRef, useState } from "react";

import type { Instruction } from "@/api/endpoints";
import { EMPTY_DRAFT } from "@/jobs/draft";
import { randomId } from "@/lib/randomId";

type Post = (instruction: Instruction, key: string) => Promise<{ job_id: string }>;

/** What a person is about to ask for, and what became of sending it. */
export interface Asking {
  draft: Instruction;
  setDraft: (draft: Instruction) => void;
  isSending: boolean;
  error: Error | null;
  /** Sends the draft and tells the id of its job; null when it was not taken. `more` is what else goes with it. */
  send: (post: Post, more?: unknown) => Promise<string | null>;
}

/** Holds a request until the server has taken it. It lives where it outlasts the form, which may be closed meanwhile. */
export function useAsking(): Asking {
  const [draft, setDraft] = useState<Instruction>(EMPTY_DRAFT);
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const unanswered = useRef({ what: "", key: "" });

  async function send(post: Post, more?: unknown) {
    const instruction = { ...draft, instructions: draft.instructions.trim() };
    // The answer to a request may be lost after the server took it: the same again is sent under the same key.
    const what = JSON.stringify([instruction, more]);
    if (what !== unanswered.current.what) unanswered.current = { what, key: randomId() };
    setSending(true);
    setError(null);
    try {
      const { job_id } = await post(instruction, unanswered.current.key);
      unanswered.current = { what: "", key: "" };
      // What was typed meanwhile stays.
      setDraft((now) => (now.instructions === draft.instructions ? { ...now, instructions: "" } : now));
      return job_id;
    } catch (cause) {
      setError(cause instanceof Error ? cause : new Error("It could not be sent. Try again."));
      return null;
    } finally {
      setSending(false);
    }
  }

  return { draft, setDraft, isSending, error, send };
}
