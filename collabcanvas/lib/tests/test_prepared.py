"""A prepared statement answers like a plain one, whatever happens to its connection and its tables."""

import pytest
from django.db import NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext

from collabcanvas.lib.postgres.prepared import Prepared

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def names():
    """Asks for the names of a table whose column a migration may widen."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE prepared_probe (id int, name varchar(10))")
        cursor.execute("INSERT INTO prepared_probe VALUES (1, 'one'), (2, 'two')")
    prepared = Prepared("prepared_probe", "SELECT name FROM prepared_probe WHERE id = %(id)s", {"id": "int"})

    def ask(number):
        with connection.cursor() as cursor:
            prepared.execute(cursor, {"id": number})
            return cursor.fetchall()

    yield ask
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE prepared_probe")
    connection.close()


def _widen():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE prepared_probe ALTER name TYPE varchar(20)")


def test_a_connection_prepares_once(names):
    names(1)
    with CaptureQueriesContext(connection) as seen:
        assert names(2) == [("two",)]
    assert len(seen) == 1


def test_a_new_connection_prepares_anew(names):
    assert names(1) == [("one",)]
    connection.close()
    assert names(1) == [("one",)]


def test_what_a_rolled_back_transaction_prepared_stays(names):
    with transaction.atomic():
        names(1)
        transaction.set_rollback(True)
    assert names(2) == [("two",)]


def test_a_migration_that_changes_the_type_of_a_column_is_not_noticed(names):
    names(1)
    _widen()
    assert names(1) == [("one",)]


def test_inside_of_a_transaction_only_the_first_question_after_such_a_migration_fails(names):
    names(1)
    _widen()
    with pytest.raises(NotSupportedError), transaction.atomic():
        names(1)
    with transaction.atomic():
        assert names(1) == [("one",)]


def test_a_plan_made_while_the_table_was_small_does_not_read_all_of_it_when_it_is_large(names):
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON prepared_probe (id); ANALYZE prepared_probe")
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        names(1)
        cursor.execute("INSERT INTO prepared_probe SELECT n, 'more' FROM generate_series(3, 20000) AS n")
        cursor.execute("EXPLAIN EXECUTE prepared_probe (1)")
        assert "Index" in "".join(line for (line,) in cursor.fetchall())
