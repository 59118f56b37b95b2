import type { OnlineMember } from "@/realtime/protocol";

/** Somebody else's place on the canvas, as the editor draws it. */
export interface RemoteCursor {
  clientId: string;
  userId: number;
  name: string;
  pointer: { x: number; y: number } | null;
  button: "up" | "down";
  selectedIds: readonly string[];
}

/** The people behind a list of connections: each once, whoever has several tabs open. */
export function peopleOnline(members: readonly OnlineMember[]): { userId: number; name: string }[] {
  const people = new Map<number, string>();
  for (const member of members) people.set(member.user_id, member.name);
  return [...people].map(([userId, name]) => ({ userId, name }));
}
