"""`make soak JOBS=20000 SEED=1`: crashes of every kind while jobs run, and a verdict.

Exit status 0 only when nothing was lost, doubled or stuck and every second execution is explained by a crash.
"""

import argparse
import dataclasses
import importlib
import logging
import os
import secrets
import sys
import time

import django
from django.core.management import call_command

from tests.soak.server import Server


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=63)
    parser.add_argument("--restarts", type=int, default=6)
    parser.add_argument("--cuts", type=int, default=8)
    parser.add_argument("--patience", type=float, default=300, help="seconds after the last fault")
    arguments = parser.parse_args()
    server = Server()
    try:
        os.environ.update(
            DATABASE_URL=server.url,
            DJANGO_SETTINGS_MODULE="tests.probe_settings",
            DEBUG="0",
            SECRET_KEY=secrets.token_urlsafe(64),
            ALLOWED_HOSTS="localhost",
        )
        django.setup()
        logging.disable(logging.WARNING)
        call_command("migrate", verbosity=0)
        # It needs models, which exist only now.
        soak = importlib.import_module("tests.soak.soak")
        extent = soak.Extent(
            jobs=arguments.jobs,
            seed=arguments.seed,
            kills=arguments.kills,
            restarts=arguments.restarts,
            cuts=arguments.cuts,
            patience_seconds=arguments.patience,
        )
        begun = time.monotonic()
        verdict = soak.Soak(extent, server, _say).run()
    finally:
        server.remove()
    _say(f"{time.monotonic() - begun:.0f} s, seed {arguments.seed}")
    for name, value in dataclasses.asdict(verdict).items():
        shown = f"{value:.1f}" if isinstance(value, float) else value
        _say(f"{name.replace('_', ' '):<26} {shown}")
    _say("CLEAN" if verdict.is_clean else "NOT CLEAN")
    return 0 if verdict.is_clean else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
