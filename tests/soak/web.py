"""A web process that is started again whenever it ends, and people who ask it for jobs until they have an answer."""

import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.running import UNLIMITED, free_port
from tests.soak.supervised import Supervised

_PATIENCE_SECONDS = 90.0


class Web:
    """daphne, as a host runs it behind its proxy."""

    def __init__(self, *, log: Path, environment: Mapping[str, str]) -> None:
        port = free_port()
        self._address = f"http://localhost:{port}"
        self._service = Supervised(
            *("-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), "collabcanvas.asgi:application"),
            log=log,
            environment={**environment, **UNLIMITED, "TRUSTED_PROXIES": "1"},
        )

    @property
    def starts(self) -> int:
        """How often it was started."""
        return self._service.starts

    def stop(self) -> None:
        """It has ended."""
        self._service.stop(seconds=10)

    def pid(self) -> int:
        """The process that answers now; waits until one does."""
        self._insist("GET", "/api/ai-agent/health", headers={}, expected=200)
        return self._service.pid

    def submit(self, *, token: str, body: dict[str, object], key: str) -> uuid.UUID:
        """The id of the job that the key stands for, however often it must be asked for."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        answer = self._insist("POST", "/api/ai-agent/create-canvas", headers=headers, expected=202, body=body)
        return uuid.UUID(answer.json()["job_id"])

    def _insist(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        expected: int,
        body: dict[str, object] | None = None,
    ) -> httpx.Response:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            seen = "no answer"
            try:
                answer = httpx.request(
                    method,
                    f"{self._address}{path}",
                    json=body,
                    headers={"X-Forwarded-Proto": "https", **headers},
                    timeout=10,
                )
                if answer.status_code == expected:
                    return answer
                seen = f"{answer.status_code} {answer.text[:300]}"
                # Without a database the product says so; everything else is a fault of its own.
                if answer.status_code < 500 or answer.status_code == 501:
                    raise AssertionError(f"{method} {path}: {seen}")
            except httpx.TransportError as error:
                seen = repr(error)
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {path}, after {_PATIENCE_SECONDS:.0f} s: {seen}")
            time.sleep(0.1)
