"""When a worker service begins to work."""

from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from ai_jobs.health import live_workers
from tests.worker_service import wait_until, worker_service


def test_a_worker_that_is_ahead_of_its_database_waits_for_the_migrations(
    transactional_db: None, tmp_path: Path
) -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="ai_jobs").latest("id")
    MigrationRecorder(connection).record_unapplied("ai_jobs", newest.name)
    try:
        with worker_service(
            log=tmp_path / "worker.log", PROBE_DATABASE_NAME=connection.settings_dict["NAME"], Q_WORKERS="1"
        ) as service:
            wait_until(lambda: "worker_waits_for_migrations" in service.log.read_text(), what="it waits")
            assert newest.name in service.log.read_text()
            assert not live_workers().exists()
            newest.save(force_insert=True)
            wait_until(live_workers().exists, what=f"it works; log:\n{service.log.read_text()}")
    finally:
        if not MigrationRecorder.Migration.objects.filter(pk=newest.pk).exists():
            newest.save(force_insert=True)
