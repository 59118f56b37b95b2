import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { SubmitEvent } from "react";

import { invite } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Role } from "@/api/models";
import { InvitationLink } from "@/sharing/InvitationLink";
import { GRANTABLE_ROLES, ROLE_LABELS } from "@/sharing/roleLabels";
import styles from "@/sharing/ShareDialog.module.css";
import { isOpen, useInvitations } from "@/sharing/useInvitations";
import { Button } from "@/ui/Button";
import { ErrorNote } from "@/ui/ErrorNote";
import { Field } from "@/ui/Field";

/** Makes an invitation for one e-mail address and shows its link, which the server tells only once. */
export function InviteForm({ canvasId }: { canvasId: string }) {
  const client = useQueryClient();
  const address = useRef<HTMLInputElement>(null);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const inviting = useMutation({
    mutationFn: (invitation: { email: string; role: Role }) => invite(canvasId, invitation),
    onSuccess: async () => {
      setEmail("");
      // The button that was pressed is off now; the next thing to do is to name somebody else.
      address.current?.focus();
      await client.invalidateQueries({ queryKey: keys.invitations(canvasId) });
    },
  });

  const invitations = useInvitations(canvasId);
  const made = inviting.data;
  const isOver = invitations.data?.some((invitation) => invitation.id === made?.id && !isOpen(invitation));

  function handleSubmit(event: SubmitEvent) {
    event.preventDefault();
    inviting.mutate({ email: email.trim(), role });
  }

  return (
    <>
      <form className={styles.invite} onSubmit={handleSubmit}>
        <div className={styles.email}>
          <Field label="E-mail">
            <input
              ref={address}
              type="email"
              required
              autoComplete="off"
              placeholder="name@example.org"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
        </div>
        <div className={styles.role}>
          <Field label="Role">
            <select
              value={role}
              onChange={(event) =>
                setRole(GRANTABLE_ROLES.find((known) => known === event.target.value) ?? "viewer")
              }
            >
              {GRANTABLE_ROLES.map((known) => (
                <option key={known} value={known}>
                  {ROLE_LABELS[known]}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <Button look="primary" type="submit" disabled={inviting.isPending || email.trim() === ""}>
          Invite
        </Button>
      </form>
      <p className={styles.hint}>The mail with the link shows a small picture of this canvas as it is now.</p>
      <ErrorNote error={inviting.error} />
      {made?.url && !isOver && <InvitationLink email={made.email} url={made.url} />}
    </>
  );
}
