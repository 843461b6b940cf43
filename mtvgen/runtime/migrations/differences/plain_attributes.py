"""`votes: int = 0` in a model: an attribute that looks like a column and is none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, Table
from sqlalchemy.orm import Mapper

from mtvgen.runtime.migrations.missing_columns import file_of_table
from mtvgen.runtime.migrations.revisions import MigrationError
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.models import Model


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
    """The classes of a project that stand for tables."""
    return frozenset(Model.registry.mappers)
