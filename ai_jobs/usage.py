"""What language models were used for whom: per job, and per person and day."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from ai_jobs.errors import DailyTokensUsedUp
from ai_jobs.models import TokenUse
from ai_jobs.providers.base import Usage
from collabcanvas.lib.postgres.clock import database_now


def record_usage(job_id: uuid.UUID, user_id: int, usage: Usage) -> None:
    """What a run used is added to its job and to its person's day, however the run ended.

    Not fenced by the lease: the tokens are spent also by a run that may write nothing else. Not safe to repeat:
    engines call it through `DatabaseThreads.once`, in whose transaction both writes are.
    """
    values: dict[str, Any] = {
        "job": job_id,
        "user": user_id,
        "model": usage.model[:200],
        "requests": usage.requests,
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cost": usage.cost_usd,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ai_jobs_aijob SET model = %(model)s, model_requests = model_requests + %(requests)s,
                input_tokens = input_tokens + %(input)s, output_tokens = output_tokens + %(output)s,
                cost_usd = CASE WHEN model_requests = 0 THEN %(cost)s::numeric ELSE cost_usd + %(cost)s END
            WHERE id = %(job)s
            """,
            values,
        )
        cursor.execute(
            """
            INSERT INTO ai_jobs_tokenuse AS t (user_id, day, requests, input_tokens, output_tokens, cost_usd)
            VALUES (%(user)s, (clock_timestamp() AT TIME ZONE 'UTC')::date, %(requests)s, %(input)s, %(output)s,
                coalesce(%(cost)s::numeric, 0))
            ON CONFLICT (user_id, day) DO UPDATE SET requests = t.requests + excluded.requests,
                input_tokens = t.input_tokens + excluded.input_tokens,
                output_tokens = t.output_tokens + excluded.output_tokens,
                cost_usd = t.cost_usd + excluded.cost_usd
            """,
            values,
        )


def tokens_left(user_id: int) -> int | None:
    """What the person may still use today, by the database's clock in UTC; None without a limit."""
    if not settings.AI_VENDOR or not settings.AI_USER_DAILY_TOKENS:
        return None
    return max(0, settings.AI_USER_DAILY_TOKENS - _used_today(user_id)[0])


def check_tokens_left(user_id: int) -> None:
    """Raises `DailyTokensUsedUp`, which says when there will be new ones, when the person has none left."""
    if not settings.AI_VENDOR or not settings.AI_USER_DAILY_TOKENS:
        return
    used, now = _used_today(user_id)
    if used >= settings.AI_USER_DAILY_TOKENS:
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
        raise DailyTokensUsedUp(limit=settings.AI_USER_DAILY_TOKENS, wait=midnight - now)


def _used_today(user_id: int) -> tuple[int, datetime]:
    now = database_now().astimezone(UTC)
    today = TokenUse.objects.filter(user=user_id, day=now.date()).first()
    return (today.input_tokens + today.output_tokens if today else 0), now
