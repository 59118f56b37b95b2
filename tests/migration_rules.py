"""`python -m tests.migration_rules`: names the migrations that would disturb the release that still runs.

A deployment migrates first, while web and worker of the previous release go on; see docs/deployment.md. An
exception says why it is safe: `safe_because = "…"` in the body of the migration's class.
"""

import os
import sys
from collections.abc import Iterator

import django
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

OURS = ("kernel", "canvases", "ai_jobs")
_BREAKS = (ops.DeleteModel, ops.RemoveField, ops.RenameModel, ops.RenameField, ops.AlterModelTable)
_DATA = (ops.RunPython, ops.RunSQL)
_LOCKS = {
    ops.AddIndex: "AddIndexConcurrently",
    ops.RemoveIndex: "RemoveIndexConcurrently",
    ops.AddConstraint: "AddConstraintNotValid, and ValidateConstraint in the next migration",
}


def complaints(migration: Migration, state: ProjectState) -> Iterator[str]:
    """What is unsafe in a migration that starts from `state`; one sentence for each."""
    new = {
        operation.name_lower for operation in migration.operations if isinstance(operation, ops.CreateModel)
    }
    kinds = {isinstance(operation, _DATA) for operation in migration.operations}
    if len(kinds) > 1 and any(isinstance(operation, ops.RunPython) for operation in migration.operations):
        yield "changes tables and data at once: use two migrations"
    # Then it fails, and is run again, instead of keeping others waiting behind it.
    gives_up = any(
        "lock_timeout" in str(operation.sql)
        for operation in migration.operations
        if isinstance(operation, ops.RunSQL)
    )
    after = state.clone()
    for operation in migration.operations:
        name = type(operation).__name__
        before = after.clone()
        operation.state_forwards(migration.app_label, after)
        if isinstance(operation, _BREAKS):
            yield f"{name}: the previous release still uses it; remove its use first, it in the next release"
        if not operation.reversible:
            yield f"{name}: cannot be taken back; give it a way back, or noop"
        if getattr(operation, "model_name_lower", None) not in new:
            if isinstance(operation, ops.AddField):
                yield from _unfilled(operation)
            if isinstance(operation, ops.AlterField):
                yield from _altered(migration.app_label, operation, before, after, gives_up=gives_up)
            concurrent = (AddIndexConcurrently, RemoveIndexConcurrently, AddConstraintNotValid)
            for kind, better in _LOCKS.items():
                if isinstance(operation, kind) and not isinstance(operation, concurrent):
                    yield f"{name}: locks a table that is in use; use {better}"


def _unfilled(operation: ops.AddField) -> Iterator[str]:
    field = operation.field
    if not (field.null or field.many_to_many or field.db_default is not NOT_PROVIDED):
        yield f"AddField {operation.name}: the previous release inserts rows without it; give it null or a db_default"


def _altered(
    app: str, operation: ops.AlterField, before: ProjectState, after: ProjectState, *, gives_up: bool
) -> Iterator[str]:
    was, field = (
        state.apps.get_model(app, operation.model_name)._meta.get_field(operation.name)
        for state in (before, after)
    )
    if was.null and not field.null:
        yield f"AlterField {operation.name}: the previous release still writes NULL"
    if was.db_type(connection) != field.db_type(connection):
        yield f"AlterField {operation.name}: may write the whole table anew while nobody can use it; add a column"
    elif not gives_up and any(
        getattr(was, trait, None) != getattr(field, trait, None)
        for trait in ("unique", "db_index", "db_constraint")
    ):
        yield f"AlterField {operation.name}: may wait for a lock with everybody behind it; set a lock_timeout first"


def all_complaints(labels: tuple[str, ...] = OURS) -> list[str]:
    """`app.migration: sentence` for everything that is unsafe and has no reason; the first of an app is exempt."""
    loader = MigrationLoader(None)
    found = []
    for key, migration in sorted(loader.graph.nodes.items()):
        if key[0] not in labels or key[1].startswith("0001") or getattr(migration, "safe_because", ""):
            continue
        state = loader.project_state(key, at_end=False)
        found += [f"{key[0]}.{key[1]}: {sentence}" for sentence in complaints(migration, state)]
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collabcanvas.settings")
    django.setup()
    unsafe = all_complaints()
    sys.stderr.writelines(f"{line}\n" for line in unsafe)
    sys.exit(bool(unsafe))
