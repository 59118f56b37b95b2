import { useIsMutating, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, useLocation, useOutletContext } from "react-router";

import { identityEvents } from "@/api/http";
import { keys } from "@/api/keys";
import type { Session, SignedInUser } from "@/api/models";
import { useSession } from "@/app/useSession";
import { signInPath } from "@/lib/returnPath";
import { Button } from "@/ui/Button";
import { Loading } from "@/ui/Loading";
import { MessagePage } from "@/ui/MessagePage";

interface SignedInContext {
  session: Session;
  user: SignedInUser;
}

/** Lets signed-in people through and sends others to the sign-in page, with the way back. */
export function SessionGate() {
  const client = useQueryClient();
  const location = useLocation();
  const session = useSession();
  const isSigningOut = useIsMutating({ mutationKey: keys.signOut }) > 0;

  useEffect(() => {
    const handleSignedOut = () =>
      client.setQueryData<Session>(keys.session, (held) => (held ? { ...held, user: null } : held));
    identityEvents.addEventListener("signed-out", handleSignedOut);
    return () => identityEvents.removeEventListener("signed-out", handleSignedOut);
  }, [client]);

  if (!session.data) {
    if (!session.error) return <Loading what="the page" />;
    return (
      <MessagePage title="The server does not answer" text={session.error.message}>
        <Button look="primary" onClick={() => void session.refetch()}>
          Try again
        </Button>
      </MessagePage>
    );
  }
  const { user } = session.data;
  // Who signs out is led away by that, and not back here afterwards.
  if (!user && isSigningOut) return <Loading what="the page" />;
  if (!user) return <Navigate replace to={signInPath(location.pathname + location.search)} />;
  return <Outlet context={{ session: session.data, user } satisfies SignedInContext} />;
}

export function useSignedIn(): SignedInContext {
  return useOutletContext<SignedInContext>();
}
