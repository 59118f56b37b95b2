"""Spans of requests and jobs, for OpenTelemetry where it is wanted; otherwise nothing happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from opentelemetry.trace import Status, StatusCode

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_tracers: list["Tracer"] = []


def trace_with(tracer: "Tracer") -> None:
    """From now on the spans of this process go to the tracer."""
    _tracers[:] = [tracer]


@contextmanager
def span(name: str, **attributes: str | int | UUID) -> "Iterator[Span | None]":
    """What happens inside is a span with these ids; an error is marked with its kind, without its words."""
    if not _tracers:
        yield None
        return
    plain = {key: str(value) if isinstance(value, UUID) else value for key, value in attributes.items()}
    with _tracers[0].start_as_current_span(
        name, attributes=plain, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
