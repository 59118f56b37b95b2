import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { changeRole, listMembers, removeMember } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Role, SignedInUser } from "@/api/models";
import { InviteForm } from "@/sharing/InviteForm";
import { MemberRow } from "@/sharing/MemberRow";
import { PendingInvitations } from "@/sharing/PendingInvitations";
import styles from "@/sharing/ShareDialog.module.css";
import { Button } from "@/ui/Button";
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
  });
  const refresh = () => client.invalidateQueries({ queryKey: keys.members(canvasId) });
  const changing = useMutation({
    mutationFn: ({ userId, to }: { userId: number; to: Role }) => changeRole(canvasId, userId, to),
    onSettled: refresh,
  });
  const removing = useMutation({
    mutationFn: (userId: number) => removeMember(canvasId, userId),
    onSettled: refresh,
  });
  const leaving = useMutation({
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
        <h3>Who has access</h3>
        <ul className={styles.list} aria-label="Members">
          {members.data?.map((member) => (
            <MemberRow
              key={member.user_id}
              member={member}
              isMe={member.user_id === user.id}
              mayManage={isOwner}
              isBusy={changing.isPending || removing.isPending}
              onRole={(to) => changing.mutate({ userId: member.user_id, to })}
              onRemove={() => removing.mutate(member.user_id)}
            />
          ))}
        </ul>
        <ErrorNote error={members.data ? null : members.error} onRetry={() => void members.refetch()} />
        <ErrorNote error={changing.error ?? removing.error ?? leaving.error} />
        {!isOwner && (
          <Button
            look="danger"
            className={styles.leave}
            disabled={leaving.isPending}
            onClick={() => leaving.mutate()}
          >
            Leave this canvas
          </Button>
        )}
      </section>
    </Dialog>
  );
}
