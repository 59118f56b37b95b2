"""Plans that a model has written already: never rows, never a drawing, only what the words mean.

A plan may be used again by anybody who asks the same of the same canvas content: the key covers everything that
the plan depends on, so it tells nobody anything that their own request does not contain.
"""

import hashlib
import json
from datetime import timedelta

from django.db.models.functions import Now
from pydantic import ValidationError

from ai_jobs.handlers.base import HandlerRequest
from ai_jobs.models import CachedPlan
from ai_jobs.planning.plan import Plan

LIFETIME = timedelta(hours=24)
MAX_PLANS = 10_000


def key_of(request: HandlerRequest, *, identity: str) -> str:
    """SHA-256 over the provider's `identity`, the job type, the words, the selection, and the canvas's content.

    All of the content: ids and versions are chosen by those who edit, so another canvas may have the same.
    """
    asked = [identity, request.job_type, request.instructions, sorted(request.selected_object_ids)]
    digest = hashlib.sha256(json.dumps(asked).encode())
    for element in request.objects:
        digest.update(b"\n" + json.dumps(element, sort_keys=True).encode())
    return digest.hexdigest()


def find_plan(key: str) -> Plan | None:
    """The plan kept under the key within `LIFETIME`; one that an older release wrote otherwise is not used."""
    kept = (
        CachedPlan.objects.filter(pk=key, made_at__gt=Now() - LIFETIME).values_list("plan", flat=True).first()
    )
    if kept is None:
        return None
    try:
        return Plan.model_validate(kept)
    except ValidationError:
        return None


def keep_plan(key: str, plan: Plan) -> None:
    """The plan is found under the key from now on."""
    CachedPlan.objects.bulk_create(
        [CachedPlan(key=key, plan=plan.model_dump(mode="json"))],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["plan", "made_at"],
    )


def remove_old_plans() -> int:
    """Plans beyond their lifetime, and the oldest beyond `MAX_PLANS`, are gone; returns how many."""
    removed, _ = CachedPlan.objects.filter(made_at__lte=Now() - LIFETIME).delete()
    beyond = CachedPlan.objects.order_by("-made_at").values_list("pk", flat=True)[MAX_PLANS:]
    surplus, _ = CachedPlan.objects.filter(pk__in=list(beyond)).delete()
    return removed + surplus
