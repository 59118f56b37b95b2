import { useMutation } from "@tanstack/react-query";

import { signOut } from "@/api/endpoints";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { notify } from "@/ui/notices";

export function SignOutButton() {
  const signingOut = useMutation({
    mutationFn: signOut,
    // A fresh page holds nothing of what this person saw.
    onSuccess: () => location.assign("/sign-in"),
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
