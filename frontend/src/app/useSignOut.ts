import { useMutation } from "@tanstack/react-query";

import { signOut } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { notify } from "@/ui/notices";

/** Signs the person out and leads to `path`. */
export function useSignOut(path: string) {
  return useMutation({
    mutationKey: keys.signOut,
    mutationFn: signOut,
    onSuccess: () => {
      // A fresh page holds nothing of what this person saw. Until it is there, they are still being signed out.
      location.assign(path);
      return new Promise<never>(() => {});
    },
    onError: (error) => notify(error.message),
  });
}
