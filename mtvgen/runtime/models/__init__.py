"""Models: tables as classes, their database, a session a request (docs/models.md).

Everything here is plain SQLAlchemy 2 (https://docs.sqlalchemy.org/en/21/orm/quickstart.html):

    class Note(Model):
        __tablename__ = "note"

        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]

    request.db.scalars(select(Note).order_by(Note.id)).all()
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import mtvgen.runtime.models.loading  # noqa: F401 (before all that imports SQLAlchemy)

# isort: split
from sqlalchemy import MetaData, event, inspect
from sqlalchemy.orm import DeclarativeBase, Session

from mtvgen.runtime.models.columns.checks import check_objects
from mtvgen.runtime.models.columns.moments import UTCDateTime, fill_in_now
from mtvgen.runtime.models.columns.names import name_columns, refuse_unnamed_checks
from mtvgen.runtime.models.columns.values import ColumnValueError
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.models.faults import (
    DatabaseFault,
    DatabaseUnavailable,
    ReadOnlyTransaction,
    SchemaMismatch,
)
from mtvgen.runtime.models.limits import DatabaseLimits
from mtvgen.runtime.models.request_session import database_session
from mtvgen.runtime.models.urls import DatabaseURLError
from mtvgen.runtime.models.violations import Violation, violated

__all__ = [
    "ColumnValueError",
    "Database",
    "DatabaseFault",
    "DatabaseLimits",
    "DatabaseURLError",
    "DatabaseUnavailable",
    "Model",
    "ReadOnlyTransaction",
    "SchemaMismatch",
    "UTCDateTime",
    "Violation",
    "database_session",
    "violated",
]


class Model(DeclarativeBase):
    """The base of a project's models: SQLAlchemy's, with a name for every constraint.

    A constraint without a name can't be changed by a migration; these are the names that Alembic
    recommends (https://alembic.sqlalchemy.org/en/latest/naming.html).
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    # What an annotation of a column means, where it is not SQLAlchemy's own choice.
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime}

    def __init_subclass__(cls, **options: Any) -> None:
        refuse_unnamed_checks(cls)
        super().__init_subclass__(**options)

    def __repr__(self) -> str:
        # The key alone: other attributes may have to be fetched, at a moment when that can't be.
        identity = inspect(self).identity
        key = ", ".join(map(repr, identity)) if identity else "not saved"
        return f"<{type(self).__name__} {key}>"


event.listen(Model, "after_mapper_constructed", name_columns, propagate=True)
event.listen(Model, "after_mapper_constructed", fill_in_now, propagate=True)
event.listen(Session, "before_flush", check_objects)
