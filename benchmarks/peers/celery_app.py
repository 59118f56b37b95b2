import os

from celery import Celery
from notes import work as do_work

app = Celery("celery_app", broker=os.environ["PEER_REDIS"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    # Without it, a job whose process was killed counts as failed.
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=int(os.environ.get("PEER_PREFETCH", "4")),
    broker_connection_retry_on_startup=True,
)


@app.task(name="work")
def work(seconds):
    do_work(seconds)
