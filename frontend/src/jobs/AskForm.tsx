import { useId, useState } from "react";
import type { KeyboardEvent, ReactNode, RefObject, SubmitEvent } from "react";

import { COLOR_SCHEMES, STYLES } from "@/api/endpoints";
import type { Instruction } from "@/api/endpoints";
import styles from "@/jobs/AskForm.module.css";
import { MAX_INSTRUCTION } from "@/jobs/draft";
import { Button } from "@/ui/Button";
import { ErrorNote } from "@/ui/ErrorNote";
import { Field } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { useMediaQuery } from "@/ui/useMediaQuery";

const EXAMPLES = [
  "Sign up -> Verify e-mail -> Welcome",
  "Mind map of a trip: flights, hotel, food, museums",
  "Timeline: 1957 Sputnik, 1961 Gagarin, 1969 Apollo 11",
];
const COUNT_FROM = MAX_INSTRUCTION - 400;
const STYLE_LABELS = { modern: "Modern", corporate: "Corporate", creative: "Creative", minimal: "Minimal" };
const SCHEME_LABELS = {
  default: "Default",
  pastel: "Pastel",
  vibrant: "Vibrant",
  monochrome: "Monochrome",
};

interface AskFormProps {
  draft: Instruction;
  onDraft: (draft: Instruction) => void;
  /** Resolves when the server has taken the request. */
  onSend: (draft: Instruction) => Promise<void>;
  showExamples: boolean;
  hint?: ReactNode;
  placeholder?: string;
  /** The field with the words, for who wants to lead a person to it. */
  question?: RefObject<HTMLTextAreaElement | null>;
}

/** Where a person says what should be drawn. */
export function AskForm({ draft, onDraft, onSend, showExamples, hint, placeholder, question }: AskFormProps) {
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const countId = useId();
  const hasKeyboard = !useMediaQuery("(hover: none) and (pointer: coarse)");
  // The server counts characters, not UTF-16 units, and after trimming.
  const length = Array.from(draft.instructions.trim()).length;
  const isSendable = length > 0 && length <= MAX_INSTRUCTION && !isSending;

  async function send() {
    if (!isSendable) return;
    setSending(true);
    setError(null);
    try {
      await onSend({ ...draft, instructions: draft.instructions.trim() });
    } catch (cause) {
      setError(cause instanceof Error ? cause : new Error("It could not be sent. Try again."));
    } finally {
      setSending(false);
    }
  }

  function handleSubmit(event: SubmitEvent) {
    event.preventDefault();
    void send();
  }

  function handleKey(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    }
  }

  return (
    <form className={styles.form} onSubmit={handleSubmit}>
      <div className={styles.text}>
        <Field label="What should be drawn?">
          <textarea
            ref={question}
            value={draft.instructions}
            rows={3}
            placeholder={placeholder ?? "Say it in your own words, or write steps with arrows."}
            aria-describedby={countId}
            aria-invalid={length > MAX_INSTRUCTION}
            onChange={(event) => onDraft({ ...draft, instructions: event.target.value })}
            onKeyDown={handleKey}
          />
        </Field>
      </div>
      {showExamples && draft.instructions === "" && (
        <div className={styles.examples} role="group" aria-label="Examples">
          {EXAMPLES.map((example) => (
            <Button
              key={example}
              look="quiet"
              small
              onClick={() => onDraft({ ...draft, instructions: example })}
            >
              {example}
            </Button>
          ))}
        </div>
      )}
      <div className={styles.row}>
        <div className={styles.picker}>
          <Field label="Style">
            <select
              value={draft.style}
              onChange={(event) =>
                onDraft({
                  ...draft,
                  style: STYLES.find((style) => style === event.target.value) ?? draft.style,
                })
              }
            >
              {STYLES.map((style) => (
                <option key={style} value={style}>
                  {STYLE_LABELS[style]}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <div className={styles.picker}>
          <Field label="Colours">
            <select
              value={draft.colorScheme}
              onChange={(event) =>
                onDraft({
                  ...draft,
                  colorScheme:
                    COLOR_SCHEMES.find((scheme) => scheme === event.target.value) ?? draft.colorScheme,
                })
              }
            >
              {COLOR_SCHEMES.map((scheme) => (
                <option key={scheme} value={scheme}>
                  {SCHEME_LABELS[scheme]}
                </option>
              ))}
            </select>
          </Field>
        </div>
      </div>
      <div className={styles.send}>
        <span id={countId} className={`${styles.hint} ${length > MAX_INSTRUCTION ? styles.over : ""}`}>
          {length >= COUNT_FROM
            ? `${length.toLocaleString("en")} of ${MAX_INSTRUCTION.toLocaleString("en")} characters${
                length > MAX_INSTRUCTION ? ": please shorten it" : ""
              }`
            : (hint ?? (hasKeyboard && "Ctrl+Enter sends it"))}
        </span>
        <Button look="primary" type="submit" disabled={!isSendable}>
          <Icon name="spark" size={16} /> Draw it
        </Button>
      </div>
      <ErrorNote error={error} />
    </form>
  );
}
