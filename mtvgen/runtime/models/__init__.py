"""Models: tables as classes, their database, a session a request (docs/models.md).

Everything here is plain SQLAlchemy 2 (https://docs.sqlalchemy.org/en/21/orm/quickstart.html):

    class Note(Model):
        __tablename__ = "note"

        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]

    request.db.scalars(select(Note).order_by(Note.id)).all()
"""

from __future__ import annotations

from sqlalchemy import MetaData, inspect
from sqlalchemy.orm import DeclarativeBase

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

__all__ = [
    "Database",
    "DatabaseFault",
    "DatabaseLimits",
    "DatabaseURLError",
    "DatabaseUnavailable",
    "Model",
    "ReadOnlyTransaction",
    "SchemaMismatch",
    "database_session",
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

    def __repr__(self) -> str:
        # The key alone: other attributes may have to be fetched, at a moment when that can't be.
        identity = inspect(self).identity
        key = ", ".join(map(repr, identity)) if identity else "not saved"
        return f"<{type(self).__name__} {key}>"
