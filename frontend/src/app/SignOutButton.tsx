import { useSignOut } from "@/app/useSignOut";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

export function SignOutButton() {
  const signingOut = useSignOut("/sign-in");
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
