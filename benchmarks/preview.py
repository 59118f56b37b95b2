"""From the moment when a model's vendor has sent its first box to the moment when the pages hear of it.

The vendor is the one of the tests: a local server that speaks OpenAI's protocol and writes its answer in pieces, a
plan of a hundred boxes. What is measured is reading the stream, checking the plan so far, laying it out and publishing
it; a listener stands for the web process.
"""

import statistics
import time

from django.contrib.auth.models import User

from ai_jobs import services
from ai_jobs.models import AIJob
from ai_jobs.states import FINAL
from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import Audience, empty, make_users, workers
from canvases.services import create_canvas
from tests.vendor.server import vendor


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(1)
    user = User.objects.get()
    delays = []
    with (
        vendor() as answering,
        workers(
            engines=options.engines,
            AI_MODEL="openai:gpt-5.4-mini",
            AI_BASE_URL=f"{answering.address}/v1",
            AI_OUTPUT="tool",
            OPENAI_API_KEY="sk-benchmark",
            NO_PROXY="127.0.0.1",
        ),
        Audience() as audience,
    ):
        for number in range(10 if options.quick else 40):
            canvas = create_canvas(owner=user, title="-")
            body = {"instructions": f"Number {number} (answer: much_to_write)", "canvas_id": str(canvas.pk)}
            job = services.submit_job(user=user, job_type="modify_canvas", body=body)
            heard_at = _first_preview_at(audience, str(job.pk))
            first_node_at = answering.asked[-1].first_node_at
            assert first_node_at is not None
            delays.append((heard_at - first_node_at) * 1000)
            services.cancel_job(user=user, job_id=job.pk)
            while AIJob.objects.get(pk=job.pk).status not in FINAL:
                time.sleep(0.01)
    return [
        Figure("first preview after the first box, median", "ms", statistics.median(delays)),
        Figure("first preview after the first box, p95", "ms", quantile(delays, 95), at_most=200),
    ]


def _first_preview_at(audience: Audience, job_id: str) -> float:
    deadline = time.monotonic() + 20
    while not any("job.preview" in payload and job_id in payload for payload in audience.payloads):
        if time.monotonic() > deadline:
            raise AssertionError("no preview came within 20 s")
        time.sleep(0.002)
    audience.payloads.clear()
    return time.monotonic()
