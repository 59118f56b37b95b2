"""How often one person may do what: counted in the database, so by all web processes together.

An allowance is a bucket that holds one minute's worth and refills evenly. All of it is one timestamp per person
and action, the moment at which the bucket will be full again, moved forward by one atomic statement.
docs/decisions/0012-limits-in-one-statement.md says why.
"""

import math
from typing import Any

from django.conf import settings
from django.db import connection
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from collabcanvas.lib.errors import AppError
from collabcanvas.lib.origin import current_origin, network_of
from collabcanvas.lib.postgres.prepared import Prepared

_MINUTE = 60.0
# The one place where the count changes. No row comes back from the insert when the bucket is too empty: then the
# row stays as it is and the answer says how many seconds are missing. A millisecond of grace covers rounding.
# No request waits for the disk because of it: a crash of the database forgets at most the last moment's counts.
_TAKE = Prepared(
    "throttle_take",
    """
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
taken AS (
    INSERT INTO kernel_throttle AS bucket (key, full_at)
    SELECT %(key)s, clock_timestamp() + make_interval(secs => %(cost)s) FROM quick
    ON CONFLICT (key) DO UPDATE
    SET full_at = greatest(bucket.full_at, clock_timestamp()) + make_interval(secs => %(cost)s)
    WHERE greatest(bucket.full_at, clock_timestamp())
        <= clock_timestamp() + make_interval(secs => %(period)s - %(cost)s + 0.001)
    RETURNING 1
)
SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0 ELSE greatest(0.001, (
    SELECT extract(epoch FROM full_at - clock_timestamp()) - %(period)s + %(cost)s
    FROM kernel_throttle WHERE key = %(key)s
)) END
""",
    {"key": "text", "period": "double precision", "cost": "double precision"},
)
_GIVE_BACK = """
UPDATE kernel_throttle SET full_at = full_at - make_interval(secs => %(cost)s) WHERE key = %(key)s
"""


class Throttled(AppError):
    """Too much in too short a time; `wait` is the exact number of seconds until it would be allowed."""

    status = 429
    code = "throttled"

    def __init__(self, wait: float, message: str | None = None) -> None:
        self.wait = wait
        self.retry_after = max(1, math.ceil(wait))
        super().__init__(message or f"Too many requests. Try again in {self.retry_after} s.")


def take(key: str, *, amount: int, seconds: float, cost: int = 1) -> float:
    """Takes `cost` out of the bucket `key`, which holds `amount` and refills within `seconds`.

    Returns 0 when it was taken, otherwise nothing was and the seconds until it could be are returned. To be
    called outside of a transaction, which would keep others of the same key waiting until it ends.
    """
    with connection.cursor() as cursor:
        _TAKE.execute(cursor, {"key": key, "period": seconds, "cost": min(cost, amount) * seconds / amount})
        return float(cursor.fetchone()[0])


def give_back(key: str, *, amount: int, seconds: float) -> None:
    """One is in the bucket again: it was taken for something that turned out not to count."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"key": key, "cost": seconds / amount})


def charge(action: str, user: Any, *, cost: int = 1) -> None:
    """One more `action` by `user`, or by the current address when nobody is signed in; raises `Throttled`.

    The actions and how often each is allowed in a minute are `settings.THROTTLES`; 0 is without limit.
    """
    signed_in = user is not None and user.is_authenticated
    action = action if signed_in else "visitor"
    amount = settings.THROTTLES[action]
    if not amount:
        return
    whose = user.pk if signed_in else network_of(current_origin().address)
    wait = take(f"{action}:{whose}", amount=amount, seconds=_MINUTE, cost=cost)
    if wait:
        raise Throttled(wait)


class Throttle(BaseThrottle):
    """DRF's hook. A view may name its actions: `throttle_actions = {"<method or viewset action>": "submit"}`.

    Without a name, safe methods count as `read` and the others as `write`.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        method = str(request.method)
        handler = getattr(view, "action", None) or method.lower()
        otherwise = "read" if method in SAFE_METHODS else "write"
        charge(getattr(view, "throttle_actions", {}).get(handler, otherwise), request.user)
        return True
