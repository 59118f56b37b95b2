"""What daphne's WebSocket protocol lacks: the close code that tells of a restart."""

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol


class RestartProtocol(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    """One WebSocket of the web process."""

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802  # daphne's name
        # Not autobahn's `sendClose`, which refuses 1012 (server restarting).
        self.sendCloseFrame(code=1000 if code is None else code)


def use_restart_protocol() -> None:
    """Every WebSocket that daphne opens from now on can be closed with 1012."""
    WebSocketFactory.protocol = RestartProtocol
