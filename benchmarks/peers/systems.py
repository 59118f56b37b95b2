"""The systems that are measured beside ours: how each is installed, prepared, set and started."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One system; `{bin}` stands for its environment's folder of programs.

    `parallel` starts what suits many jobs that wait, `workers` what suits short ones.
    """

    name: str
    environment: str
    packages: list[str]
    submit: str
    workers: list[list[str]]
    parallel: list[list[str]]
    prepare: list[list[str]] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    parallel_variables: dict[str, str] = field(default_factory=dict)
    needs_redis: bool = False


_DJANGOQ = ["{bin}/python", "-m", "django", "qcluster"]
_CELERY = [
    "{bin}/celery",
    "-A",
    "celery_app",
    "worker",
    "--loglevel=WARNING",
    "--without-gossip",
    "--without-mingle",
]
_PROCRASTINATE = ["{bin}/procrastinate", "--app=procrastinate_app.app", "worker"]


def _djangoq(name: str, options: dict[str, object], parallel: dict[str, object]) -> Peer:
    return Peer(
        name=name,
        environment="django-q2",
        packages=["django>=5.2,<5.3", "django-q2==1.11.1", "psycopg2-binary"],
        prepare=[["{bin}/python", "-m", "django", "migrate", "--verbosity=0"]],
        submit="djangoq_submit.py",
        workers=[_DJANGOQ],
        parallel=[_DJANGOQ],
        variables={"DJANGO_SETTINGS_MODULE": "djangoq_settings", "PEER_OPTIONS": json.dumps(options)},
        parallel_variables={"PEER_OPTIONS": json.dumps({**options, **parallel})},
    )


PEERS = {
    "procrastinate": Peer(
        name="procrastinate 3.10 without Django, 2 processes",
        environment="procrastinate",
        packages=["procrastinate==3.10.0", "psycopg[binary]"],
        prepare=[["{bin}/procrastinate", "--app=procrastinate_app.app", "schema", "--apply"]],
        submit="procrastinate_submit.py",
        workers=[[*_PROCRASTINATE, "--concurrency=50"]] * 2,
        parallel=[[*_PROCRASTINATE, "--concurrency=250"]] * 2,
    ),
    "django-q2": _djangoq("django-q2 1.11, stock (50 workers for the 500)", {"workers": 2}, {"workers": 50}),
    "django-q2-tuned": _djangoq(
        "django-q2 1.11, tuned (poll 0.02, bulk 50, nothing saved)",
        {
            "workers": 4,
            "poll": 0.02,
            "bulk": 50,
            "queue_limit": 500,
            "save_limit": -1,
            # A job that runs longer than `retry` is started a second time, so this cannot be made much shorter.
            "timeout": 50,
            "retry": 60,
        },
        {"workers": 50},
    ),
    "celery": Peer(
        name="Celery 5.7 without Django, Redis not durable (prefork 2; gevent 500 for the 500)",
        environment="celery",
        packages=["celery[redis]==5.7.0", "gevent"],
        submit="celery_submit.py",
        workers=[[*_CELERY, "--concurrency=2"]],
        parallel=[[*_CELERY, "--pool=gevent", "--concurrency=500"]],
        parallel_variables={"PEER_PREFETCH": "1"},
        needs_redis=True,
    ),
}
