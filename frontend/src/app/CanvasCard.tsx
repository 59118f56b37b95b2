import { useState } from "react";
import { Link } from "react-router";

import { thumbnailAddress } from "@/api/endpoints";
import type { Canvas } from "@/api/models";
import styles from "@/app/CanvasCard.module.css";
import { ROLE_LABELS } from "@/sharing";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { TimeAgo } from "@/ui/TimeAgo";

const MAX_TITLE = 200;

interface CanvasCardProps {
  canvas: Canvas;
  onRename: (title: string) => void;
  onDelete: () => void;
}

export function CanvasCard({ canvas, onRename, onDelete }: CanvasCardProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const finish = () => {
    const title = draft?.trim();
    setDraft(null);
    if (title && title !== canvas.title) onRename(title);
  };
  const owner = canvas.owner.name || canvas.owner.username;
  const objects = `${canvas.object_count} ${canvas.object_count === 1 ? "object" : "objects"}`;
  return (
    <li className={styles.card}>
      <div className={styles.picture}>
        {canvas.object_count > 0 ? (
          <img src={thumbnailAddress(canvas)} alt="" loading="lazy" />
        ) : (
          <span className={styles.blank}>Nothing drawn yet</span>
        )}
      </div>
      <h2 className={styles.title}>
        {draft === null ? (
          <Link to={`/c/${canvas.id}`}>{canvas.title}</Link>
        ) : (
          <input
            className={styles.renaming}
            aria-label="Title"
            autoFocus
            maxLength={MAX_TITLE}
            value={draft}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={finish}
            onKeyDown={(event) => {
              if (event.key === "Enter") finish();
              if (event.key === "Escape") setDraft(null);
            }}
          />
        )}
      </h2>
      <p className={styles.owner}>
        <Avatar userId={canvas.owner.id} name={owner} />
        {owner}
        <span className={styles.role}>{ROLE_LABELS[canvas.role]}</span>
      </p>
      <div className={styles.foot}>
        <span>
          <TimeAgo at={canvas.updated_at} />
          {` · ${objects}`}
        </span>
        <span className={styles.actions}>
          {canvas.role !== "viewer" && (
            <Button
              look="quiet"
              small
              icon
              aria-label={`Rename ${canvas.title}`}
              title="Rename"
              onClick={() => setDraft(canvas.title)}
            >
              <Icon name="pencil" size={16} />
            </Button>
          )}
          {canvas.role === "owner" && (
            <Button
              look="quiet"
              small
              icon
              aria-label={`Delete ${canvas.title}`}
              title="Delete"
              onClick={onDelete}
            >
              <Icon name="trash" size={16} />
            </Button>
          )}
        </span>
      </div>
    </li>
  );
}
