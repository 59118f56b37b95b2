import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { signOut } from "@/api/endpoints";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { notify } from "@/ui/notices";

export function SignOutButton() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const signingOut = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      await navigate("/sign-in");
      client.clear();
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
