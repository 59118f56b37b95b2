import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { renameCanvas } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Canvas } from "@/api/models";
import styles from "@/canvas/TitleEditor.module.css";
import { Button } from "@/ui/Button";
import { notify } from "@/ui/notices";

const MAX_TITLE = 200;

/** The title of a canvas, which its editors can change in place. */
export function TitleEditor({ canvas, mayEdit }: { canvas: Canvas; mayEdit: boolean }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<{ text: string; before: string } | null>(null);
  const renaming = useMutation({
    mutationFn: (title: string) => renameCanvas(canvas.id, title),
    onSuccess: (renamed) => client.setQueryData(keys.canvas(canvas.id), renamed),
    onError: (error) => notify(error.message),
  });

  if (!mayEdit) return <h1 className={styles.title}>{canvas.title}</h1>;
  if (draft === null) {
    const shown = renaming.isPending ? renaming.variables : canvas.title;
    return (
      <Button
        look="quiet"
        className={styles.button}
        aria-label={`Rename ${shown}`}
        onClick={() => setDraft({ text: shown, before: shown })}
      >
        <h1 className={styles.title}>{shown}</h1>
      </Button>
    );
  }
  const finish = () => {
    setDraft(null);
    const title = draft.text.trim();
    // Who changed nothing takes back nobody's title that came meanwhile.
    if (title && title !== draft.before) renaming.mutate(title);
  };
  return (
    <input
      className={styles.input}
      aria-label="Title"
      autoFocus
      maxLength={MAX_TITLE}
      value={draft.text}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setDraft({ ...draft, text: event.target.value })}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish();
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}
