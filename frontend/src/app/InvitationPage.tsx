import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";

import { acceptInvitation, getInvitation } from "@/api/endpoints";
import { ApiError } from "@/api/http";
import { keys } from "@/api/keys";
import linkStyles from "@/app/links.module.css";
import { useSignedIn } from "@/app/SessionGate";
import { usePageTitle } from "@/app/usePageTitle";
import { useSignOut } from "@/app/useSignOut";
import { signInPath } from "@/lib/returnPath";
import { ROLE_LABELS } from "@/sharing";
import { Button } from "@/ui/Button";
import { ErrorNote } from "@/ui/ErrorNote";
import { Loading } from "@/ui/Loading";
import { MessagePage } from "@/ui/MessagePage";

/** Whether the server said no, and not only "later". */
function isRefusal(error: Error | null): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** Where the link of an invitation leads. */
export function InvitationPage() {
  usePageTitle("Invitation");
  const { token = "" } = useParams();
  const { user } = useSignedIn();
  const client = useQueryClient();
  const navigate = useNavigate();
  const invitation = useQuery({
    queryKey: keys.invitation(token),
    queryFn: () => getInvitation(token),
  });
  const accepting = useMutation({
    mutationFn: () => acceptInvitation(token),
    onSuccess: async ({ canvas_id }) => {
      await client.invalidateQueries({ queryKey: keys.canvases });
      await navigate(`/c/${canvas_id}`, { replace: true });
    },
  });

  const signingOut = useSignOut(signInPath(`/invitations/${encodeURIComponent(token)}`));

  const isRefused = isRefusal(invitation.error);
  if (invitation.error && (isRefused || !invitation.data)) {
    return (
      <MessagePage
        title={isRefused ? "This invitation cannot be used" : "The invitation cannot be opened right now"}
        text={invitation.error.message}
      >
        {!isRefused && (
          <Button look="primary" onClick={() => void invitation.refetch()}>
            Try again
          </Button>
        )}
        <Link className={linkStyles.button} to="/">
          Your canvases
        </Link>
      </MessagePage>
    );
  }
  if (!invitation.data) return <Loading what="the invitation" />;
  if (accepting.error instanceof ApiError && accepting.error.code === "invitation_for_someone_else") {
    return (
      <MessagePage
        title={`This invitation is for ${invitation.data.email}`}
        text={`You are signed in as ${user.name || user.username}, with another e-mail address.`}
      >
        <Button look="primary" disabled={signingOut.isPending} onClick={() => signingOut.mutate()}>
          Sign out and use another account
        </Button>
        <Link className={linkStyles.secondary} to="/">
          Your canvases
        </Link>
      </MessagePage>
    );
  }
  const { canvas_title, invited_by, role, email } = invitation.data;
  return (
    <MessagePage
      title={canvas_title}
      text={`${invited_by} invites ${email} to this canvas (${ROLE_LABELS[role].toLowerCase()}). You are signed in as ${
        user.name || user.username
      }.`}
    >
      <div>
        <Button look="primary" disabled={accepting.isPending} onClick={() => accepting.mutate()}>
          Accept the invitation
        </Button>
        <ErrorNote error={accepting.error} />
      </div>
    </MessagePage>
  );
}
