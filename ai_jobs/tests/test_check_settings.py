"""Settings that do not fit together stop the start, with a sentence that says what to change."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as current

from ai_jobs.checks import check_settings

PROJECT = Path(__file__).resolve().parent.parent.parent


def test_the_defaults_fit_together():
    assert check_settings() == []


@pytest.mark.parametrize(
    ("changed", "code", "hint"),
    [
        ({"AI_JOBS_LEASE_SECONDS": 14.9}, "ai_jobs.E001", "AI_JOBS_LEASE_SECONDS"),
        ({"AI_JOBS_HEARTBEAT_SECONDS": 0}, "ai_jobs.E001", "AI_JOBS_HEARTBEAT_SECONDS"),
        ({"Q_CLUSTER": {"retry": 120, "timeout": 120}}, "ai_jobs.E002", "retry"),
        ({"Q_CLUSTER": {"ack_failures": False}}, "ai_jobs.E003", "ack_failures"),
        ({"Q_CLUSTER": {"broker_class": None}}, "ai_jobs.E004", "broker_class"),
        ({"Q_CLUSTER": {"orm": "other"}}, "ai_jobs.E004", "orm"),
        ({"Q_STALL_SECONDS": 4}, "ai_jobs.E005", "Q_STALL_SECONDS"),
        ({"JOB_PROCESSING_INTERVAL": 61}, "ai_jobs.W001", "JOB_PROCESSING_INTERVAL"),
        ({"AI_JOBS_PER_USER": 401}, "ai_jobs.W002", "AI_JOBS_PER_USER"),
    ],
)
def test_each_invariant_names_what_to_change(settings, changed, code, hint):
    for name, value in changed.items():
        setattr(settings, name, {**current.Q_CLUSTER, **value} if name == "Q_CLUSTER" else value)
    (finding,) = check_settings()
    assert finding.id == code
    assert hint in str(finding.hint)


def test_a_worker_service_whose_settings_do_not_fit_does_not_start():
    refused = subprocess.run(
        [sys.executable, "manage.py", "qcluster"],
        cwd=PROJECT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.probe_settings",
            "PROBE_LEASE_SECONDS": "5",
            "PROBE_HEARTBEAT_SECONDS": "5",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode != 0
    assert "ai_jobs.E001" in refused.stderr
    assert "Raise AI_JOBS_LEASE_SECONDS" in refused.stderr
