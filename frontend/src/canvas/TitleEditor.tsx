import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { renameCanvas } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Canvas } from "@/api/models";
import styles from "@/canvas/TitleEditor.module.css";
import { Button } from "@/ui/Button";
import { notify } from "@/ui/notices";
import { TitleField } from "@/ui/TitleField";

/** The title of a canvas, which its editors can change in place. */
export function TitleEditor({ canvas, mayEdit }: { canvas: Canvas; mayEdit: boolean }) {
  const client = useQueryClient();
  const button = useRef<HTMLButtonElement>(null);
  const [isEditing, setEditing] = useState(false);
  const renaming = useMutation({
    mutationFn: (title: string) => renameCanvas(canvas.id, title),
    onSuccess: (renamed) => client.setQueryData(keys.canvas(canvas.id), renamed),
    onError: (error) => notify(error.message),
  });

  if (!mayEdit) return <h1 className={styles.title}>{canvas.title}</h1>;
  const shown = renaming.isPending ? renaming.variables : canvas.title;
  if (isEditing) {
    return (
      <TitleField
        title={shown}
        className={styles.input}
        button={button}
        onRename={renaming.mutate}
        onClose={() => setEditing(false)}
      />
    );
  }
  return (
    <Button
      ref={button}
      look="quiet"
      className={styles.button}
      aria-label={`Rename ${shown}`}
      onClick={() => setEditing(true)}
    >
      <h1 className={styles.title}>{shown}</h1>
    </Button>
  );
}
