import time

from celery_app import app, work
from notes import serve


def submit(count, seconds):
    begun = time.time()
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(count):
            work.apply_async((seconds,), producer=producer)
    return begun if count == 1 else time.time()


serve(submit)
