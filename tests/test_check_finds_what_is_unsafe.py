"""`make check` finds a key that was committed and a package that is known to be vulnerable."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.running import PROJECT

# Put together here, so that this file holds none.
PLANTED = {
    "Amazon": "AKIA" + "IOSFODNN7" + "ABCDEFG",
    "GitHub": "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "OpenAI": "sk-" + "proj-" + "abcdefghijklmnopqrstuvwxyz012345",
    "Anthropic": "sk-" + "ant-api03-" + "abcdefghijklmnopqrstuvwxyz012345",
    "private": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


def scan(*names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ".ci/scan-secrets", *names], cwd=PROJECT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("vendor", sorted(PLANTED))
def test_a_planted_key_is_found_and_not_repeated(tmp_path: Path, vendor: str) -> None:
    planted = tmp_path / "settings.py"
    planted.write_text(f'DEBUG = 1\nKEY = "{PLANTED[vendor]}"\n')
    done = scan(str(planted))
    assert done.returncode == 1
    assert f"{planted}:2: " in done.stderr
    assert PLANTED[vendor] not in done.stderr + done.stdout


def test_the_project_holds_no_key() -> None:
    done = scan()
    assert done.returncode == 0, done.stderr


# --- Known vulnerabilities: pip-audit, npm and what they would answer are somebody else's ---
def audit(
    folder: Path, *, pip: Any = None, npm: Any = None, accepted: str = "", ci: str = "", allow: str = ""
) -> subprocess.CompletedProcess[str]:
    """`.ci/audit-dependencies` where the two tools answer so; None is a service that cannot be reached."""
    for name, answer in (("pip-audit", pip), ("npm", npm)):
        tool = folder / name
        said = (
            "echo 'cannot reach the service' >&2"
            if answer is None
            else f"cat <<'END'\n{json.dumps(answer)}\nEND"
        )
        tool.write_text(f"#!/bin/sh\n{said}\nexit 1\n")
        tool.chmod(0o755)
    scripts = folder / "project" / ".ci"
    scripts.mkdir(parents=True, exist_ok=True)
    (folder / "project" / "frontend").mkdir(exist_ok=True)
    (scripts / "audit-dependencies").write_text((PROJECT / ".ci" / "audit-dependencies").read_text())
    (scripts / "known-vulnerabilities.toml").write_text(accepted)
    environment = {
        **os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "CI": ci, "ALLOW_NOT_AUDITED": allow,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, str(scripts / "audit-dependencies")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


PIP_CLEAN = {"dependencies": [{"name": "django", "version": "5.2.19", "vulns": []}]}
PIP_FOUND = {"dependencies": [{"name": "django", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1"}]}]}
PIP_KNOWS_NOTHING = {"dependencies": [{"name": "django", "skip_reason": "not found"}]}
NPM_CLEAN = {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 7}}}
NPM_FOUND = {
    "vulnerabilities": {"left-pad": {"via": [{"url": "https://example.org/advisories/GHSA-x"}, "other"]}}
}
NPM_REFUSED = {"message": "405 Method Not Allowed"}
EXCEPTION = '[[accepted]]\nid = "{id}"\nreason = "we do not call it"\nuntil = {until}\n'


def test_nothing_known_is_green_and_says_what_was_looked_at(tmp_path: Path) -> None:
    done = audit(tmp_path, pip=PIP_CLEAN, npm=NPM_CLEAN)
    assert done.returncode == 0, done.stderr
    assert "Audited 1 of 1 Python packages: 0 known vulnerabilities." in done.stdout
    assert "Audited 7 npm packages: 0 known vulnerabilities." in done.stdout


@pytest.mark.parametrize(
    ("pip", "npm", "found"),
    [(PIP_FOUND, NPM_CLEAN, "django: PYSEC-2026-1"), (PIP_CLEAN, NPM_FOUND, "left-pad: GHSA-x")],
)
def test_a_known_vulnerability_is_red_until_an_exception_states_why_and_how_long(
    tmp_path: Path, pip: Any, npm: Any, found: str
) -> None:
    done = audit(tmp_path, pip=pip, npm=npm)
    assert done.returncode == 1
    assert found in done.stderr
    name = found.split()[1]
    accepted = EXCEPTION.format(id=name, until="2999-01-01")
    assert audit(tmp_path, pip=pip, npm=npm, accepted=accepted).returncode == 0
    over = audit(tmp_path, pip=pip, npm=npm, accepted=EXCEPTION.format(id=name, until="2020-01-01"))
    assert over.returncode == 1
    assert "accepted until 2020-01-01" in over.stderr
    undated = audit(tmp_path, pip=pip, npm=npm, accepted=f'[[accepted]]\nid = "{name}"\n')
    assert undated.returncode == 1


@pytest.mark.parametrize(("pip", "npm"), [(None, None), (PIP_KNOWS_NOTHING, NPM_REFUSED)])
def test_services_that_cannot_be_asked_are_said_and_fail_continuous_integration_unless_it_is_told_otherwise(
    tmp_path: Path, pip: Any, npm: Any
) -> None:
    for ci, allow, status in (("", "", 0), ("true", "", 1), ("true", "1", 0)):
        done = audit(tmp_path, pip=pip, npm=npm, ci=ci, allow=allow)
        assert done.returncode == status, (ci, allow)
        assert "NOT AUDITED: python packages" in done.stderr
        assert "NOT AUDITED: npm packages" in done.stderr
    assert audit(tmp_path, pip=PIP_CLEAN, npm=npm, ci="true").returncode == 1
    assert audit(tmp_path, pip=PIP_CLEAN, npm=NPM_CLEAN, ci="true").returncode == 0
