"""Tables and columns of the models that the database lacks, seen in a millisecond.

Less than Alembic sees (types, defaults, indexes), and without it: for each start and each edit.
"""

from __future__ import annotations

import sys

from sqlalchemy import MetaData, Table, inspect

from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.support.locations import shown


def files_with_gaps(database: Database, metadata: MetaData | None = None) -> tuple[str, ...]:
    """Return the files whose models have a table or a column that the database lacks.

    Args:
        database: One that exists.
        metadata: The models; None: all that derive from `Model`.

    Raises:
        DatabaseFault: The database can't be reached.
    """
    metadata = Model.metadata if metadata is None else metadata
    found = set()
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        for table in metadata.tables.values():
            held = inspector.has_table(table.name, schema=table.schema) and {
                column["name"] for column in inspector.get_columns(table.name, schema=table.schema)
            }
            if not held or not {column.name for column in table.columns} <= held:
                found.add(file_of_table(table.name, metadata))
    return tuple(sorted(found))


def file_of_table(name: str, metadata: MetaData) -> str:
    """Return the file of the class that stands for a table; `models/` where no class does."""
    for mapper in Model.registry.mappers:
        table = mapper.local_table
        if isinstance(table, Table) and table.name == name and table.metadata is metadata:
            module = sys.modules.get(mapper.class_.__module__)
            if module is not None and module.__file__:
                return shown(module.__file__)
    return "models/"
