import { useMutation } from "@tanstack/react-query";

import { signOut } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { notify } from "@/ui/notices";

export function SignOutButton() {
  const signingOut = useMutation({
    mutationKey: keys.signOut,
    mutationFn: signOut,
    onSuccess: () => {
      // A fresh page holds nothing of what this person saw. Until it is there, they are still being signed out.
      location.assign("/sign-in");
      return new Promise<never>(() => {});
    },
    onError: (error) => notify(error.message),
  });
  return (
    <Button
      look="quiet"
      icon
      aria-label="Sign out"
      title="Sign out"
      disabled={signingOut.isPending}
      onClick={() => signingOut.mutate()}
    >
      <Icon name="signOut" />
    </Button>
  );
}
