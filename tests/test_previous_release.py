"""Web and worker of the previous release go on while this one migrates their database, and afterwards.

The previous release is the newest tag before this commit. Until there is one, it is the commit before the newest
migration: the code that would meet the tables of that migration.
"""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.running import PROJECT
from tests.separate_services import SeparateServices


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=PROJECT, check=False, capture_output=True, text=True)
    return done.stdout.strip()


def previous_release() -> str:
    """The commit; empty where the history is not there, as in a shallow clone."""
    tag = git("describe", "--tags", "--abbrev=0", "HEAD^")
    if tag:
        return tag
    newest = git("log", "-1", "--no-merges", "--diff-filter=A", "--format=%H", "--", "*/migrations/0*.py")
    return git("rev-parse", "--verify", "--quiet", f"{newest}^") if newest else ""


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The project's files as they were then."""
    commit = previous_release()
    if not commit:
        pytest.skip("needs the history of the repository")
    if git("diff", "--name-only", commit, "--", "requirements.txt"):
        pytest.skip("the previous release needs other packages than this one")
    folder = tmp_path / "earlier"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=PROJECT, check=True, capture_output=True)
    subprocess.run(["tar", "--extract", "--directory", str(folder)], input=archive.stdout, check=True)
    return folder


def test_the_previous_release_works_during_and_after_the_migration_of_this_one(
    earlier: Path, tmp_path: Path
) -> None:
    services = SeparateServices(tmp_path, code=earlier)
    try:
        services.start_worker()
        ada = services.cast["ada"]
        canvas_id = ada.make_canvas("Through two releases")

        def work() -> None:
            job_id = ada.ask("Pack -> Ship", canvas_id=canvas_id)
            ada.wait_for_job(job_id)
            ada.call("PATCH", f"/api/canvases/{canvas_id}", {"title": f"After {job_id}"})

        work()
        with ThreadPoolExecutor(1) as aside:
            migration = aside.submit(services.manage, "migrate", "--no-input", code=PROJECT)
            while not migration.done():
                work()
        assert "[ ]" not in services.manage("showmigrations", "--plan", code=PROJECT)
        work()
        assert ada.call("GET", "/api/ai-agent/health")["job_processor"] == "running"
        assert len(ada.call("GET", f"/api/canvases/{canvas_id}/snapshot")["objects"]) > 3
        jobs = ada.call("GET", "/api/ai-agent/jobs")["jobs"]
        assert {job["status"] for job in jobs} == {"completed"}
    finally:
        services.close()
