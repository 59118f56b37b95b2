import time

import django
from django.db import transaction
from notes import serve

django.setup()

from django_q.tasks import async_task  # noqa: E402


def submit(count, seconds):
    with transaction.atomic():
        for _ in range(count):
            async_task("notes.work", seconds)
        return time.time()


serve(submit)
