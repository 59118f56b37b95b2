"""Migrations on a filled database: back to each app's first one and forward again, and the rules they keep."""

import datetime
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection, connections, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from tests.migration_rules import OURS, all_complaints, complaints

# By table: values that the database's own rules ask for, where a made-up one would break them.
_SPECIAL: dict[str, dict[str, Any]] = {
    "canvases_membership": {"role": "owner"},
    "canvases_invitation": {"role": "editor", "revoked_at": None},
    "canvases_canvassnapshot": {"reason": "scheduled"},
    "ai_jobs_aijob": {
        "status": "completed",
        "lease_token": None,
        "lease_expires_at": None,
        "progress": 50,
    },
    "ai_jobs_wave": {"id": 1},
}
_NOW = datetime.datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=datetime.UTC)
Rows = dict[str, list[dict[str, Any]]]
# Nothing that they do may be in a transaction: they make databases.
needs_a_server = pytest.mark.django_db(transaction=True)


def made_up(field: Any, using: str) -> Any:
    """A value of the field's kind, which is not its default."""
    if isinstance(field, models.ForeignKey):
        return field.related_model._default_manager.using(using).values_list("pk", flat=True).first()
    if field.choices:
        return next(iter(dict(field.flatchoices)))
    kinds: list[tuple[type, Any]] = [
        (models.UUIDField, uuid.UUID(int=7)),
        (models.JSONField, {"odd": ["ü", 0.1, None]}),
        (models.BooleanField, True),
        (models.DateTimeField, _NOW),
        (models.DateField, _NOW.date()),
        (models.DecimalField, Decimal("1.25")),
        (models.FloatField, 0.5),
        (models.BinaryField, b"\x00\xff"),
        (models.IntegerField, 7),
        (models.GenericIPAddressField, "192.0.2.7"),
        (models.CharField, "made up"[: getattr(field, "max_length", None) or 7]),
        (models.TextField, "made up"),
    ]
    return next(value for kind, value in kinds if isinstance(field, kind))


def fill(using: str) -> None:
    """Every table of ours holds a row with something in each column."""
    # Without signals: what they write goes to the other database.
    User.objects.using(using).bulk_create([User(username="olga", email="olga@example.org")])
    todo = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    for model in todo:
        if model._default_manager.using(using).exists():
            continue
        special = _SPECIAL.get(model._meta.db_table, {})
        values = {
            field.attname: special.get(field.name, special.get(field.attname, made_up(field, using)))
            for field in model._meta.concrete_fields
            if not isinstance(field, models.AutoField)
        }
        model._default_manager.using(using).bulk_create([model(**values)])


def rows(using: str) -> Rows:
    """All rows of our tables as the database has them, by table."""
    found: Rows = {}
    with connections[using].cursor() as cursor:
        for label in OURS:
            for model in apps.get_app_config(label).get_models():
                table = model._meta.db_table
                cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY to_jsonb(t)::text")
                    found[table] = [json.loads(row) for (row,) in cursor.fetchall()]
    return found


def schema(using: str) -> list[Any]:
    """Columns, indexes, constraints, triggers and sequences of the whole database."""
    questions = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT sequencename FROM pg_sequences",
        "SELECT relname, relpersistence::text, reloptions::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace",
    )
    with connections[using].cursor() as cursor:
        answers = []
        for question in questions:
            cursor.execute(question)
            answers += cursor.fetchall()
    return sorted(answers, key=repr)


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """An alias of a database of this test's own, migrated and filled."""
    name = f"scratch_{uuid.uuid4().hex[:12]}"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        connections.databases["scratch"] = {**connections.databases["default"], "NAME": name}
        try:
            call_command("migrate", database="scratch", verbosity=0)
            fill("scratch")
            yield "scratch"
        finally:
            connections["scratch"].close()
            del connections["scratch"]
            del connections.databases["scratch"]
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            connection.close()


@needs_a_server
def test_back_to_the_first_migrations_and_forward_again_loses_only_what_came_later(scratch: str) -> None:
    before, built = rows(scratch), schema(scratch)
    assert all(before.values()), [table for table, found in before.items() if not found]

    for label in reversed(OURS):
        call_command("migrate", label, "0001", database=scratch, verbosity=0)
    first = rows(scratch)
    for label in OURS:
        call_command("migrate", label, database=scratch, verbosity=0)

    after = rows(scratch)
    assert schema(scratch) == built
    assert len(first) < len(before)
    for table, kept in first.items():
        assert kept, table
        columns = set(kept[0])
        for was, now in zip(before[table], after[table], strict=True):
            assert {name: was[name] for name in columns} == {name: now[name] for name in columns}, table


def test_no_migration_disturbs_the_release_that_still_runs() -> None:
    assert all_complaints() == []


def _field(**options: Any) -> Any:
    return models.IntegerField(**options)


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (migrations.DeleteModel("thing"), "still uses it"),
        (migrations.RemoveField("thing", "size"), "still uses it"),
        (migrations.RenameField("thing", "size", "extent"), "still uses it"),
        (migrations.AddField("thing", "colour", _field(default=1)), "inserts rows without it"),
        (migrations.AlterField("thing", "size", _field()), "still writes NULL"),
        (migrations.AlterField("thing", "size", models.BigIntegerField(null=True)), "the whole table anew"),
        (migrations.AlterField("thing", "size", _field(null=True, unique=True)), "lock_timeout"),
        (migrations.AddIndex("thing", models.Index(fields=["size"], name="by_size")), "AddIndexConcurrently"),
        (
            migrations.AddConstraint("thing", models.CheckConstraint(condition=models.Q(size=1), name="one")),
            "AddConstraintNotValid",
        ),
        (migrations.RunSQL("SELECT 1"), "cannot be taken back"),
        (migrations.RunPython(lambda apps, editor: None), "cannot be taken back"),
        (migrations.AddField("thing", "colour", _field(null=True)), ""),
        (migrations.AddField("thing", "colour", _field(db_default=1)), ""),
        (migrations.AlterField("thing", "size", _field(null=True, help_text="How large")), ""),
        (migrations.RunSQL("SELECT 1", migrations.RunSQL.noop), ""),
    ],
)
def test_the_rules_find_what_would_disturb_it(operation: Any, sentence: str) -> None:
    state = ProjectState()
    state.add_model(
        ModelState("app", "Thing", [("id", models.AutoField(primary_key=True)), ("size", _field(null=True))])
    )
    changed = type("Migration", (Migration,), {"operations": [operation]})("0002_change", "app")
    found = list(complaints(changed, state))
    assert len(found) == bool(sentence), found
    assert all(sentence in one for one in found)


@needs_a_server
def test_dropping_the_key_of_events_gives_up_where_it_would_keep_others_waiting(scratch: str) -> None:
    call_command("migrate", "ai_jobs", "0009", database=scratch, verbosity=0)
    reader = connections[scratch].copy()
    # A report that takes its time.
    try:
        reader.set_autocommit(False)
        with reader.cursor() as cursor:
            cursor.execute("SELECT FROM ai_jobs_aijobevent")
            with pytest.raises(OperationalError, match="lock timeout"):
                call_command("migrate", "ai_jobs", "0010", database=scratch, verbosity=0)
    finally:
        reader.close()
    call_command("migrate", "ai_jobs", database=scratch, verbosity=0)


def test_every_migration_of_ours_can_be_taken_back() -> None:
    fixed = [
        key
        for key, migration in MigrationLoader(None).graph.nodes.items()
        if key[0] in OURS and not all(operation.reversible for operation in migration.operations)
    ]
    assert fixed == []
