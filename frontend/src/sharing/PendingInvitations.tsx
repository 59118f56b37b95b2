import { useMutation, useQueryClient } from "@tanstack/react-query";

import { revokeInvitation } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { timeFromNow } from "@/lib/time";
import { ROLE_LABELS } from "@/sharing/roleLabels";
import styles from "@/sharing/ShareDialog.module.css";
import { isOpen, useInvitations } from "@/sharing/useInvitations";
import { Button } from "@/ui/Button";
import { ErrorNote } from "@/ui/ErrorNote";

/** The invitations that nobody has accepted yet. */
export function PendingInvitations({ canvasId }: { canvasId: string }) {
  const client = useQueryClient();
  const invitations = useInvitations(canvasId);
  const revoking = useMutation({
    mutationFn: (id: string) => revokeInvitation(canvasId, id),
    onSettled: () => {
      // It may be that somebody has accepted it meanwhile.
      void client.invalidateQueries({ queryKey: keys.members(canvasId) });
      return client.invalidateQueries({ queryKey: keys.invitations(canvasId) });
    },
  });
  const pending = (invitations.data ?? []).filter(isOpen);
  return (
    <>
      {pending.length > 0 && (
        <ul className={styles.list} aria-label="Open invitations">
          {pending.map((invitation) => (
            <li key={invitation.id} className={styles.person}>
              <span className={styles.name}>
                {invitation.email}
                <span className={styles.sub}>
                  {ROLE_LABELS[invitation.role]} · ends {timeFromNow(invitation.expires_at)}
                </span>
              </span>
              <Button
                small
                disabled={revoking.isPending}
                aria-label={`Revoke the invitation of ${invitation.email}`}
                onClick={() => revoking.mutate(invitation.id)}
              >
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      <ErrorNote error={revoking.error} />
      <ErrorNote
        error={invitations.data ? null : invitations.error}
        onRetry={() => void invitations.refetch()}
      />
    </>
  );
}
