import { useQuery } from "@tanstack/react-query";

import { listInvitations } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Invitation } from "@/api/models";

/** Nobody tells an open dialog that an invitation was accepted. */
export const ASK_AGAIN_MS = 5_000;

/** All invitations of a canvas, as long as it is looked at. */
export function useInvitations(canvasId: string) {
  return useQuery({
    queryKey: keys.invitations(canvasId),
    queryFn: async () => (await listInvitations(canvasId)).results,
    refetchInterval: ASK_AGAIN_MS,
  });
}

export const isOpen = (invitation: Invitation) =>
  invitation.accepted_at === null && invitation.revoked_at === null;
