"""A vendor that nobody can connect to: the job tries again, and then says what to do."""

import pytest
from django.contrib.auth.models import User
from django.test import override_settings

from ai_jobs import services
from ai_jobs.models import TokenUse
from ai_jobs.states import FINAL
from canvases.models import CanvasObject
from tests.engine.conftest import StartWorkers
from tests.running import free_port
from tests.vendor.test_ask_a_model import MODELS
from tests.worker_service import wait_until


@pytest.mark.parametrize(
    ("protocol", "host"), [("openai", "127.0.0.1"), ("anthropic", "127.0.0.1"), ("openai", "vendor.invalid")]
)
def test_a_vendor_that_does_not_answer_the_connection_is_asked_again_and_then_the_person_is_told(
    start_workers: StartWorkers, protocol: str, host: str
) -> None:
    start_workers(
        AI_MODEL=MODELS[protocol],
        # Nobody listens there, or there is no such host.
        AI_BASE_URL=f"http://{host}:{free_port()}",
        OPENAI_API_KEY="sk-for-openai",
        ANTHROPIC_API_KEY="sk-for-anthropic",
        JOB_RETRY_BASE_SECONDS="0.1",
        NO_PROXY="127.0.0.1,vendor.invalid",
    )
    user = User.objects.create_user("asks")
    with override_settings(MAX_JOB_RETRIES=1):
        job = services.submit_job(user=user, job_type="create_canvas", body={"instructions": "A -> B"})

    def is_over() -> bool:
        job.refresh_from_db()
        return job.status in FINAL

    wait_until(is_over, what="both tries are over")
    assert [(event.kind, event.data.get("code")) for event in job.events.order_by("sequence")] == [
        ("submitted", None),
        ("claimed", None),
        ("retry_scheduled", "model_unavailable"),
        ("claimed", None),
        ("failed", "model_unavailable"),
    ]
    assert (job.status, job.error_code) == ("failed", "model_unavailable")
    assert job.error_message == "The AI model cannot be reached at the moment. Try again in a minute."
    assert not CanvasObject.objects.exists()
    assert not TokenUse.objects.exists()
