import { useState } from "react";
import type { KeyboardEvent, RefObject } from "react";
import { flushSync } from "react-dom";

/** As long as the server takes one, in characters. */
export const MAX_TITLE = 200;

interface TitleFieldProps {
  title: string;
  className: string | undefined;
  /** What began the renaming; who ends it by keyboard is back there. */
  button: RefObject<HTMLButtonElement | null>;
  onRename: (title: string) => void;
  onClose: () => void;
}

/** A title while it is changed in place: Enter and leaving take it over, Escape does not. */
export function TitleField({ title, className, button, onRename, onClose }: TitleFieldProps) {
  const [draft, setDraft] = useState(title);
  const [before] = useState(title);

  function take() {
    const trimmed = draft.trim();
    // Who changed nothing takes back nobody's title that came meanwhile.
    if (trimmed && trimmed !== before) onRename(trimmed);
  }

  function handleKey(event: KeyboardEvent) {
    // These keys first end what an input method is composing.
    if ((event.key !== "Enter" && event.key !== "Escape") || event.nativeEvent.isComposing) return;
    // The same Enter would press the button.
    event.preventDefault();
    if (event.key === "Enter") take();
    flushSync(onClose);
    button.current?.focus();
  }

  return (
    <input
      className={className}
      aria-label="Title"
      autoFocus
      maxLength={MAX_TITLE}
      value={draft}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={() => {
        take();
        onClose();
      }}
      onKeyDown={handleKey}
    />
  );
}
