import { useRef, useState } from "react";
import { Link } from "react-router";

import { thumbnailAddress } from "@/api/endpoints";
import type { Canvas } from "@/api/models";
import styles from "@/app/CanvasCard.module.css";
import { ROLE_LABELS } from "@/sharing";
import { Avatar } from "@/ui/Avatar";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { TimeAgo } from "@/ui/TimeAgo";
import { TitleField } from "@/ui/TitleField";

interface CanvasCardProps {
  canvas: Canvas;
  onRename: (title: string) => void;
  onDelete: () => void;
}

export function CanvasCard({ canvas, onRename, onDelete }: CanvasCardProps) {
  const rename = useRef<HTMLButtonElement>(null);
  const [isRenaming, setRenaming] = useState(false);
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
        {!isRenaming ? (
          <Link to={`/c/${canvas.id}`}>{canvas.title}</Link>
        ) : (
          <TitleField
            title={canvas.title}
            className={styles.renaming}
            button={rename}
            onRename={onRename}
            onClose={() => setRenaming(false)}
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
              ref={rename}
              look="quiet"
              small
              icon
              aria-label={`Rename ${canvas.title}`}
              title="Rename"
              onClick={() => setRenaming(true)}
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
