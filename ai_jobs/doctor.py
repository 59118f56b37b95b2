"""Whether each part that CollabCanvas needs is there and works, and what to do when one is not.

Every check does the real thing: it connects, listens, asks the vendor, opens the mail server. None writes anything.
"""

import asyncio
import shutil
import smtplib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import httpx2
import psycopg2
from channels.layers import get_channel_layer
from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.db import Error, connection

from ai_jobs.health import Level, findings, health
from ai_jobs.providers.registry import provider_name
from collabcanvas.lib.channel_layer import connect_outside_pool
from collabcanvas.lib.health import NO_DATABASE, unapplied_migrations

_PATIENCE_SECONDS: Final = 5.0
_LATE_SECONDS: Final = 2.0
_SMALL_DISK_BYTES: Final = 500 * 1024 * 1024
_OLDEST_POSTGRESQL: Final = 160_000


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Checked:
    """One part: what was found, and what to do about it where something is to be done."""

    part: str
    state: State
    found: str
    advice: str = ""


def examine() -> Iterator[Checked]:
    """Look at each part in turn; those that need a database are skipped when there is none."""
    database = _check_database()
    yield database
    for part, check in _PARTS.items():
        if database.state is State.BROKEN and check in _NEED_DATABASE:
            yield Checked(part, State.SKIPPED, "Not looked at: it needs the database.")
        else:
            yield _checked(part, check)


def _checked(part: str, check: Callable[[str], Checked]) -> Checked:
    try:
        return check(part)
    except Error as error:
        # A missing table in most cases; the migrations' own line says so too.
        reason = str(error).strip().partition("\n")[0]
        return Checked(part, State.BROKEN, reason, "Run: python manage.py migrate")


def _check_database() -> Checked:
    part = "database"
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                    current_setting('max_connections')::int, (SELECT count(*) FROM pg_stat_activity),
                    pg_size_pretty(pg_database_size(current_database()))
                """
            )
            number, version, most, used, size = cursor.fetchone()
    except Error as error:
        reason = str(error).strip().partition("\n")[0]
        return Checked(part, State.BROKEN, f"No answer: {reason}", NO_DATABASE)
    said = f"PostgreSQL {version}, {size}, {used} of {most} connections in use"
    if number < _OLDEST_POSTGRESQL:
        return Checked(part, State.BROKEN, said, "Use PostgreSQL 16 or newer.")
    if used > 0.8 * most:
        return Checked(
            part, State.WARNING, said, "Raise max_connections, or run fewer web and worker processes."
        )
    return Checked(part, State.OK, said)


def _check_migrations(part: str) -> Checked:
    missing = unapplied_migrations()
    if missing:
        return Checked(
            part, State.BROKEN, f"Missing: {', '.join(missing[:5])}", "Run: python manage.py migrate"
        )
    return Checked(part, State.OK, "All are applied")


def _check_notifications(part: str) -> Checked:
    """A notification from one connection arrives at another."""
    channel = f"doctor_{uuid.uuid4().hex}"
    begun = time.monotonic()
    listener = connect_outside_pool(application_name="collabcanvas doctor")
    try:
        with listener.cursor() as ear:
            ear.execute(f"LISTEN {channel}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, 'heard')", [channel])
        while time.monotonic() < begun + _PATIENCE_SECONDS:
            listener.poll()
            if listener.notifies:
                return Checked(part, State.OK, f"Heard after {(time.monotonic() - begun) * 1000:.0f} ms")
            time.sleep(0.02)
    except psycopg2.Error as error:
        return Checked(part, State.BROKEN, str(error).strip().partition("\n")[0], NO_DATABASE)
    finally:
        listener.close()
    return Checked(
        part,
        State.BROKEN,
        f"Nothing was heard for {_PATIENCE_SECONDS:g} s",
        "A pooler in transaction mode swallows notifications. Let DATABASE_URL name PostgreSQL itself, or a pooler in "
        "session mode.",
    )


def _check_channel_layer(part: str) -> Checked:
    try:
        seconds = asyncio.run(_round_trip())
    except Exception as error:  # noqa: BLE001  # whichever layer is configured, and however it fails: that is the finding
        return Checked(
            part,
            State.BROKEN,
            f"No message came back ({type(error).__name__})",
            "Check CHANNEL_LAYER_URL, that its server runs, and that channels-redis is installed; or unset it, and "
            "PostgreSQL carries the messages.",
        )
    return Checked(part, State.OK, f"A message came back after {seconds * 1000:.0f} ms")


async def _round_trip() -> float:
    layer: Any = get_channel_layer()
    begun = time.monotonic()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        channel = await layer.new_channel("doctor")
        group = f"doctor.{uuid.uuid4().hex}"
        await layer.group_add(group, channel)
        await layer.group_send(group, {"type": "doctor"})
        while (await layer.receive(channel)).get("type") != "doctor":
            pass
    seconds = time.monotonic() - begun
    if hasattr(layer, "close"):
        await layer.close()
    return seconds


def _check_workers(part: str) -> Checked:
    state = health()
    workers = state["workers"]
    found = findings(state)
    if found:
        worst = found[0].level
        what, _, advice = found[0].sentence.partition(". ")
        return Checked(
            part,
            State.BROKEN if worst is Level.DOWN else State.WARNING,
            f"{what}.",
            " ".join([advice, *(finding.sentence for finding in found[1:])]).strip(),
        )
    others = {worker["version"] for worker in workers} - {settings.RELEASE}
    if others:
        return Checked(
            part,
            State.WARNING,
            f"Some run {', '.join(sorted(others))}, and this is {settings.RELEASE}",
            "Deploy the worker service too, unless a deployment is under way.",
        )
    newest = min(worker["heartbeat_age_seconds"] for worker in workers)
    return Checked(
        part,
        State.OK,
        f"{len(workers)} give signs of life, the last {newest:g} s ago; queue {state['queue_depth']}",
    )


def _check_clock(part: str) -> Checked:
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        there = cursor.fetchone()[0]
        after = time.time()
    apart = there - (before + after) / 2
    said = f"{abs(apart) * 1000:.0f} ms from the database's"
    if abs(apart) > _LATE_SECONDS:
        return Checked(
            part,
            State.WARNING,
            said,
            "Let both machines follow a time server: ages in the page and in logs are wrong meanwhile. Jobs go by the "
            "database's clock alone.",
        )
    return Checked(part, State.OK, said)


def _check_tables(part: str) -> Checked:
    """Tables that no migration makes: those of caches in the database."""
    wanted = [
        cache["LOCATION"]
        for cache in settings.CACHES.values()
        if cache["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    ]
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
    missing = sorted(set(wanted) - set(there))
    if missing:
        return Checked(
            part, State.BROKEN, f"Missing: {', '.join(missing)}", "Run: python manage.py createcachetable"
        )
    return Checked(part, State.OK, ", ".join(wanted) or "None is needed")


def _check_provider(part: str) -> Checked:
    """The vendor of the model answers and accepts the key. Nothing is asked that costs tokens."""
    if not settings.AI_VENDOR:
        return Checked(part, State.OK, "The built-in sketcher draws; it needs no account")
    label = provider_name().label
    is_anthropic = settings.AI_VENDOR == "anthropic"
    own = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}[
        settings.AI_VENDOR
    ]
    address = (settings.AI_BASE_URL or own) + ("/v1/models" if is_anthropic else "/models")
    headers = (
        {"x-api-key": settings.ANTHROPIC_API_KEY, "anthropic-version": "2023-06-01"}
        if is_anthropic
        else {"Authorization": f"Bearer {settings.OPENAI_API_KEY or 'none'}"}
    )
    try:
        answer = httpx2.get(address, headers=headers, timeout=_PATIENCE_SECONDS)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return Checked(
            part,
            State.BROKEN,
            f"{label} does not answer ({type(error).__name__})",
            "Check AI_BASE_URL and that this machine may connect to it.",
        )
    key = "ANTHROPIC_API_KEY" if is_anthropic else "OPENAI_API_KEY"
    if answer.status_code in (401, 403):
        return Checked(
            part, State.BROKEN, f"{label} refuses the key ({answer.status_code})", f"Set a valid {key}."
        )
    if answer.status_code != 200:
        return Checked(
            part,
            State.WARNING,
            f"{label} answers, but not to the question for its models ({answer.status_code})",
            "Its key was not checked. Try: python manage.py aijobs submit 'A -> B' --wait",
        )
    try:
        known = {str(model["id"]) for model in answer.json()["data"]}
    except (ValueError, KeyError, TypeError):
        known = set()
    if known and not any(model.startswith(settings.AI_MODEL_NAME) for model in known):
        return Checked(
            part,
            State.WARNING,
            f"{label} accepts the key and does not list {settings.AI_MODEL_NAME}",
            "Check AI_MODEL.",
        )
    return Checked(part, State.OK, f"{label} answers and accepts the key")


def _check_mail(part: str) -> Checked:
    backend = get_connection()
    if not isinstance(backend, EmailBackend):
        said = "E-mails are not sent but printed or kept"
        if settings.DEBUG:
            return Checked(part, State.OK, f"{said}: development")
        return Checked(
            part,
            State.WARNING,
            said,
            "Set EMAIL_URL, or nobody gets an invitation: smtp+tls://user:password@host:587",
        )
    where = f"{backend.host}:{backend.port}"
    backend.timeout = _PATIENCE_SECONDS
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as error:
        return Checked(
            part,
            State.BROKEN,
            f"{where} does not take e-mails ({type(error).__name__})",
            "Check host, port, user and password in EMAIL_URL.",
        )
    backend.close()
    return Checked(part, State.OK, f"{where} lets us in")


def _check_static_files(part: str) -> Checked:
    if not (settings.FRONTEND_DIST / "index.html").is_file():
        return Checked(
            part, State.BROKEN, "The page has not been built", "Run: npm ci && npm run build, in frontend/"
        )
    if (
        not settings.WHITENOISE_USE_FINDERS
        and not (settings.STATIC_ROOT / "admin" / "css" / "base.css").is_file()
    ):
        return Checked(
            part,
            State.BROKEN,
            f"Nothing is collected in {settings.STATIC_ROOT}",
            "Run: python manage.py collectstatic --no-input",
        )
    return Checked(part, State.OK, "The page is built and its files are there")


def _check_settings(part: str) -> Checked:
    found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    serious = [message for message in found if message.is_serious()]
    told = serious or [message for message in found if message.level >= checks.WARNING]
    if not told:
        return Checked(part, State.OK, "They fit together" + (" (development)" if settings.DEBUG else ""))
    first = told[0]
    return Checked(
        part,
        State.BROKEN if serious else State.WARNING,
        f"{first.id}: {first.msg}" + (f" And {len(told) - 1} more." if len(told) > 1 else ""),
        str(first.hint or "See: python manage.py check --deploy"),
    )


def _check_disk(part: str) -> Checked:
    usage = shutil.disk_usage(settings.BASE_DIR)
    said = f"{usage.free / 1024**3:.1f} GB free"
    if usage.free < _SMALL_DISK_BYTES:
        return Checked(part, State.WARNING, said, "Make room: uploads, logs and exports need some.")
    return Checked(part, State.OK, said)


_PARTS: Final[dict[str, Callable[[str], Checked]]] = {
    "migrations": _check_migrations,
    "notifications": _check_notifications,
    "channel layer": _check_channel_layer,
    "workers": _check_workers,
    "cache tables": _check_tables,
    "clock": _check_clock,
    "provider": _check_provider,
    "mail": _check_mail,
    "static files": _check_static_files,
    "settings": _check_settings,
    "disk": _check_disk,
}
_NEED_DATABASE: Final = frozenset(
    {
        _check_migrations,
        _check_notifications,
        _check_channel_layer,
        _check_workers,
        _check_tables,
        _check_clock,
    }
)
