import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";

import { changeRole, listMembers, removeMember } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Member, Role, SignedInUser } from "@/api/models";
import { InviteForm } from "@/sharing/InviteForm";
import { MemberRow } from "@/sharing/MemberRow";
import { PendingInvitations } from "@/sharing/PendingInvitations";
import styles from "@/sharing/ShareDialog.module.css";
import { ASK_AGAIN_MS } from "@/sharing/useInvitations";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Dialog } from "@/ui/Dialog";
import { ErrorNote } from "@/ui/ErrorNote";

interface ShareDialogProps {
  canvasId: string;
  user: SignedInUser;
  role: Role;
  onClose: () => void;
  onLeft: () => void;
}

/** Who has access to a canvas, and, for its owner, the means to change that. */
export function ShareDialog({ canvasId, user, role, onClose, onLeft }: ShareDialogProps) {
  const client = useQueryClient();
  const isOwner = role === "owner";
  const members = useQuery({
    queryKey: keys.members(canvasId),
    queryFn: async () => (await listMembers(canvasId)).results,
    refetchInterval: ASK_AGAIN_MS,
  });
  const heading = useRef<HTMLHeadingElement>(null);
  const [toRemove, setToRemove] = useState<Member | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: keys.members(canvasId) });
  const changing = useMutation({
    mutationFn: ({ userId, to }: { userId: number; to: Role }) => changeRole(canvasId, userId, to),
    onSettled: refresh,
  });
  const removing = useMutation({
    mutationFn: (userId: number) => removeMember(canvasId, userId),
    onSuccess: () => {
      flushSync(() => setToRemove(null));
      // The button that was pressed goes with its row.
      heading.current?.focus();
    },
    onSettled: refresh,
  });
  const leaving = useMutation({
    mutationKey: keys.leave(canvasId),
    mutationFn: () => removeMember(canvasId, user.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.canvases });
      onLeft();
    },
  });

  return (
    <Dialog title="Share this canvas" onClose={onClose}>
      {isOwner && (
        <section className={styles.section} aria-label="Invite somebody">
          <InviteForm canvasId={canvasId} />
          <PendingInvitations canvasId={canvasId} />
        </section>
      )}
      <section className={styles.section}>
        <h3 ref={heading} tabIndex={-1}>
          Who has access
        </h3>
        <ul className={styles.list} aria-label="Members">
          {members.data?.map((member) => (
            <MemberRow
              key={member.user_id}
              member={member}
              isMe={member.user_id === user.id}
              mayManage={isOwner}
              isBusy={changing.isPending || removing.isPending}
              onRole={(to) => changing.mutate({ userId: member.user_id, to })}
              onRemove={() => setToRemove(member)}
            />
          ))}
        </ul>
        <ErrorNote error={members.data ? null : members.error} onRetry={() => void members.refetch()} />
        <ErrorNote error={changing.error} />
        {!isOwner && (
          <Button look="danger" className={styles.leave} onClick={() => setLeaving(true)}>
            Leave this canvas
          </Button>
        )}
      </section>
      {toRemove && (
        <ConfirmDialog
          title={`Remove ${toRemove.name || toRemove.username}?`}
          question="They can no longer open this canvas, unless you invite them again. What they drew stays."
          confirm="Remove them"
          keep="Keep them"
          busy={removing.isPending}
          error={removing.error}
          onConfirm={() => removing.mutate(toRemove.user_id)}
          onClose={() => {
            removing.reset();
            setToRemove(null);
          }}
        />
      )}
      {isLeaving && (
        <ConfirmDialog
          title="Leave this canvas?"
          question="You can no longer open it, unless its owner invites you again. What you drew stays."
          confirm="Leave it"
          keep="Stay"
          busy={leaving.isPending}
          error={leaving.error}
          onConfirm={() => leaving.mutate()}
          onClose={() => {
            leaving.reset();
            setLeaving(false);
          }}
        />
      )}
    </Dialog>
  );
}
