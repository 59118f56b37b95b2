/** What decides between two states of one object. */
export interface Stamp {
  readonly version: number;
  readonly versionNonce: number;
}

/**
 * Which of two states of one object stays: the higher version; on a tie the lower nonce; when both are equal they
 * are the same state and the local one stays. The server decides by the same rule (`canvases/merge.py`).
 */
export function winner(local: Stamp | null, remote: Stamp): "local" | "remote" {
  if (local === null) return "remote";
  if (local.version !== remote.version) return local.version > remote.version ? "local" : "remote";
  return local.versionNonce <= remote.versionNonce ? "local" : "remote";
}

export function sameState(a: Stamp, b: Stamp): boolean {
  return a.version === b.version && a.versionNonce === b.versionNonce;
}
