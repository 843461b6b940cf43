"""Mistakes of models that a migration would make worse: named, with the line to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Date, DateTime, MetaData, Table, Time, text
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlalchemy.dialects.postgresql import CreateDomainType as _CreateDomain
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapper
from sqlalchemy.sql.functions import next_value

from mtvgen.runtime.migrations.missing_columns import file_of_table
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.models import Model, UTCDateTime

# Words for a moment that passes, which a text in the place of an expression keeps for good.
_PASSING = re.compile(r"(now|current_(date|time|timestamp)|localtime(stamp)?|today)(\(\))?", re.I)


def refuse_texts_for_moments(metadata: MetaData) -> None:
    """Refuse `server_default="now()"`: a text, by which every row would get the same moment.

    PostgreSQL reads it once, when the column is made; SQLite keeps the word.

    Args:
        metadata: The models.

    Raises:
        MigrationError: It holds what to write.
    """
    for table in metadata.tables.values():
        for column in table.columns:
            default = getattr(column.server_default, "arg", None)
            is_moment = isinstance(column.type, Date | DateTime | Time | UTCDateTime)
            if is_moment and isinstance(default, str) and _PASSING.fullmatch(default.strip()):
                word = default.strip().lower().removesuffix("()").replace("today", "current_date")
                raise MigrationError(
                    f"{file_of_table(table.name, metadata)}: {table.name}.{column.name} has "
                    f"server_default={default!r}, which is a text: every row would get the same.",
                    cure=f"server_default=func.{word}()",
                )


def refuse_what_nobody_makes(connection: Connection, metadata: MetaData) -> None:
    """Refuse sequences and domains that are not there: a migration makes them only by hand.

    Args:
        connection: To the database, which is only asked.
        metadata: The models.

    Raises:
        MigrationError: It holds the statement to write.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.tables.values():
        for column in table.columns:
            for kind, name, statement in _needed(column, connection.dialect):
                if not _is_there(connection, kind, name):
                    raise MigrationError(
                        f"{file_of_table(table.name, metadata)}: {table.name}.{column.name} needs "
                        f"the {kind} {name}, which the database does not have, and "
                        "makemigrations does not make.",
                        cure=f"a migration by hand before: op.execute({statement!r})",
                    )


def _needed(column: Column[Any], dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    """Kind, name and statement of what exists by itself, and a column rests on."""
    default = getattr(column.server_default, "arg", None)
    if isinstance(default, next_value):
        sequence = default.sequence
        name = ".".join(filter(None, (sequence.schema, sequence.name)))
        yield "sequence", name, f"CREATE SEQUENCE {name}"
    if isinstance(column.type, DOMAIN):
        name = ".".join(filter(None, (column.type.schema, column.type.name)))
        yield (
            "domain",
            name,
            " ".join(str(_CreateDomain(column.type).compile(dialect=dialect)).split()),
        )


def _is_there(connection: Connection, kind: str, name: str) -> bool:
    look_up = "to_regclass" if kind == "sequence" else "to_regtype"
    return connection.scalar(text(f"SELECT {look_up}(:name)"), {"name": name}) is not None


def refuse_plain_attributes(
    metadata: MetaData, dropped: list[tuple[Name, str]], mappers: frozenset[Mapper[Any]]
) -> None:
    """Refuse to drop a column whose model still speaks of it, without Mapped[...].

    Args:
        metadata: The models.
        dropped: The columns that the database has and the models have not.
        mappers: Of the models' classes.

    Raises:
        MigrationError: It holds the line to write.
    """
    columns = dict.fromkeys(dropped)
    for mapper in mappers:
        table = mapper.local_table
        if not isinstance(table, Table) or table.metadata is not metadata:
            continue
        model = mapper.class_
        for attribute, annotation in vars(model).get("__annotations__", {}).items():
            if (Name(table.schema, table.name), attribute) in columns and attribute in vars(model):
                type_ = getattr(annotation, "__name__", annotation)
                value = repr(vars(model)[attribute])
                raise MigrationError(
                    f"{file_of_table(table.name, metadata)}: {model.__name__}.{attribute} is not "
                    f"a column, as {attribute}: {type_} = {value} has no Mapped[...]; the "
                    "database has one of that name.",
                    cure=f"{attribute}: Mapped[{type_}] = mapped_column(default={value})",
                )


def project_mappers() -> frozenset[Mapper[Any]]:
    """Return the classes of a project that stand for tables."""
    return frozenset(Model.registry.mappers)
