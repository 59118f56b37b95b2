"""The rule that decides which of two versions of one object stays: the same here and in the browser."""

from typing import NamedTuple


class Stamp(NamedTuple):
    """What the merge rule looks at: Excalidraw's `version` and `versionNonce` of one element."""

    version: int
    version_nonce: int


def incoming_wins(*, stored: Stamp | None, incoming: Stamp) -> bool:
    """Whether `incoming` replaces `stored`.

    The higher version wins; on a tie the lower nonce, as in Excalidraw's own `reconcileElements`. The same
    stamp again is no news. Applying both in either order ends in the same state.
    """
    if stored is None:
        return True
    if incoming.version != stored.version:
        return incoming.version > stored.version
    return incoming.version_nonce < stored.version_nonce
