"""The rule that decides which of two versions of one object stays: the same here and in the browser."""

import secrets
from typing import NamedTuple

_NONCE_RANGE = 2**31


class Stamp(NamedTuple):
    """What the merge rule looks at: Excalidraw's `version` and `versionNonce` of one element."""

    version: int
    version_nonce: int

    def as_properties(self) -> dict[str, int]:
        """The two as an element has them."""
        return {"version": self.version, "versionNonce": self.version_nonce}


def stamp_above(*versions: int) -> Stamp:
    """A new stamp that wins against whatever has one of these versions."""
    return Stamp(max(versions) + 1, secrets.randbelow(_NONCE_RANGE))


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
