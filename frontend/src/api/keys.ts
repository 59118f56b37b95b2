/** The names under which the query cache holds the server's data and what is being done with it. */
export const keys = {
  session: ["session"] as const,
  canvases: ["canvases"] as const,
  canvas: (id: string) => ["canvas", id] as const,
  members: (id: string) => ["canvas", id, "members"] as const,
  invitations: (id: string) => ["canvas", id, "invitations"] as const,
  canvasJobs: (id: string) => ["canvas", id, "jobs"] as const,
  ownJobs: ["own-jobs"] as const,
  invitation: (token: string) => ["invitation", token] as const,
  leave: (id: string) => ["canvas", id, "leave"] as const,
  signOut: ["sign-out"] as const,
};
