import { useQuery } from "@tanstack/react-query";

import { getSession } from "@/api/endpoints";
import { keys } from "@/api/keys";

/** Who is signed in, and what this server offers. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => getSession(signal),
    staleTime: 60_000,
  });
}
