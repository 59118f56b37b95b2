import { useId } from "react";
import type { KeyboardEvent, ReactNode, RefObject, SubmitEvent } from "react";

import { COLOR_SCHEMES, STYLES } from "@/api/endpoints";
import styles from "@/jobs/AskForm.module.css";
import { MAX_INSTRUCTION } from "@/jobs/draft";
import type { Asking } from "@/jobs/useAsking";
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
  asking: Asking;
  onSend: () => void;
  showExamples: boolean;
  hint?: ReactNode;
  placeholder?: string;
  /** The field with the words, for who wants to lead a person to it. */
  question?: RefObject<HTMLTextAreaElement | null>;
}

/** Where a person says what should be drawn. */
export function AskForm({ asking, onSend, showExamples, hint, placeholder, question }: AskFormProps) {
  const { draft, setDraft, isSending, error } = asking;
  const countId = useId();
  const hasKeyboard = !useMediaQuery("(hover: none) and (pointer: coarse)");
  // The server counts characters, not UTF-16 units, and after trimming.
  const length = Array.from(draft.instructions.trim()).length;
  const isSendable = length > 0 && length <= MAX_INSTRUCTION && !isSending;

  function send() {
    if (isSendable) onSend();
  }

  function handleSubmit(event: SubmitEvent) {
    event.preventDefault();
    send();
  }

  function handleKey(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
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
            onChange={(event) => setDraft({ ...draft, instructions: event.target.value })}
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
              onClick={() => setDraft({ ...draft, instructions: example })}
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
                setDraft({
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
                setDraft({
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
