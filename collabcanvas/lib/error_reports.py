"""Reports of unexpected errors to the Sentry that SENTRY_DSN names. Loaded only where there is one."""

from typing import Any, Final

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.logging import LoggingIntegration

_OURS: Final = ("ai_jobs", "canvases", "collabcanvas")
# What an event may carry. Everything else stays here: requests, users, values of variables, texts.
_KEPT: Final = frozenset(
    {
        "event_id",
        "timestamp",
        "level",
        "logger",
        "platform",
        "release",
        "environment",
        "server_name",
        "sdk",
        "type",
    }
)
_IDS: Final = ("job_id", "job_ids", "error_id", "request_id", "worker", "part", "kind")
_FRAME: Final = ("filename", "abs_path", "function", "module", "lineno", "in_app")


def start_error_reports(service: str) -> None:
    """Errors that this process logs are reported as `service`, by a thread of this process."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.RELEASE,
        environment="development" if settings.DEBUG else "production",
        # Those that come by themselves would hook into the vendors' clients and send what people ask for.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None)],
        max_breadcrumbs=0,
        include_local_variables=False,
        include_source_context=False,
        send_default_pii=False,
        max_request_body_size="never",
        before_send=lambda event, hint: scrubbed(event, service),
    )


def scrubbed(event: Any, service: str) -> Any:
    """The event with nothing but kinds, places and ids.

    Messages of others may quote an address, and an exception's own words whatever a person wrote.
    """
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    is_ours = str(event.get("logger", "")).partition(".")[0] in _OURS
    message = (event.get("logentry") or {}).get("message", "") if is_ours else ""
    kept["message"] = message or str(event.get("logger", ""))
    given = event.get("extra") or {}
    kept["tags"] = {"service": service}
    kept["extra"] = {name: given[name] for name in _IDS if name in given}
    errors = (event.get("exception") or {}).get("values") or []
    kept["exception"] = {"values": [_error(error) for error in errors]}
    return kept


def _error(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {
            "frames": [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]
        },
    }
