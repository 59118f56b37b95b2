"""Models from plain statements, for what is asked so often that the ORM would take longer than the database."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


def columns(model: type[Model], table: str) -> str:
    """All columns of the model in their order, for a SELECT from `table` (a name or an alias)."""
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


def from_columns(model: type[M], values: Sequence[Any]) -> M:
    """The instance whose `columns` these are, as a query set would have made it."""
    fields = model._meta.concrete_fields
    converted = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, values, strict=True)
    ]
    return model.from_db(connection.alias, [field.attname for field in fields], converted)
