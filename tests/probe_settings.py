"""The product's settings, plus job types whose handlers do what a test or a benchmark tells them."""

import os

from collabcanvas.settings import *  # noqa: F403
from collabcanvas.settings import AI_JOBS_HANDLERS, DATABASES, Q_CLUSTER

AI_JOBS_HANDLERS = {**AI_JOBS_HANDLERS, "probe": "tests.probes.probe", "noop": "tests.probes.noop"}
if os.environ.get("PROBE_EXECUTIONS"):
    AI_JOBS_HANDLERS["create_canvas"] = "tests.probes.create_canvas_noted"
if os.environ.get("PROBE_GATE"):
    # The page submits only real job types, and a test wants to look while one runs.
    AI_JOBS_HANDLERS["modify_canvas"] = "tests.probes.gated_modify_canvas"
if os.environ.get("PROBE_DATABASE_NAME"):
    # pytest-django gives its database another name than DATABASE_URL says.
    DATABASES["default"]["NAME"] = os.environ["PROBE_DATABASE_NAME"]
AI_JOBS_LEASE_SECONDS = float(os.environ.get("PROBE_LEASE_SECONDS", "15"))
AI_JOBS_HEARTBEAT_SECONDS = float(os.environ.get("PROBE_HEARTBEAT_SECONDS", "5"))
Q_STALL_SECONDS = float(os.environ.get("PROBE_STALL_SECONDS", "60"))
Q_CLUSTER = {**Q_CLUSTER, "poll": float(os.environ.get("PROBE_POLL_SECONDS", "2"))}
