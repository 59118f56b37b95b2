import type { Role } from "@/api/models";

export const ROLE_LABELS: Readonly<Record<Role, string>> = {
  owner: "Owner",
  editor: "Can edit",
  viewer: "Can view",
};
export const GRANTABLE_ROLES = ["editor", "viewer"] as const satisfies readonly Role[];
