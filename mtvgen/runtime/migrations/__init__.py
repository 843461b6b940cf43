"""Migrations (docs/migrations.md): one face, whose parts are loaded when they are asked for.

A server asks `lacking_revisions()` at each start, and must not import Alembic for that; so the
names below are looked up on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtvgen.runtime.migrations.adoption import AdoptionError, adopt
    from mtvgen.runtime.migrations.applied import lacking_revisions
    from mtvgen.runtime.migrations.fresh.databases import FreshDatabases
    from mtvgen.runtime.migrations.losses.announce import DataLossError
    from mtvgen.runtime.migrations.operations.renames import rename_constraint, rename_index
    from mtvgen.runtime.migrations.revisions import MigrationError
    from mtvgen.runtime.migrations.run import migrate, migrate_if_missing
    from mtvgen.runtime.migrations.sql import migration_sql
    from mtvgen.runtime.migrations.state import MigrationState, migration_state
    from mtvgen.runtime.migrations.steps import Step
    from mtvgen.runtime.migrations.write import NewMigration, make_migration

__all__ = [
    "AdoptionError",
    "DataLossError",
    "FreshDatabases",
    "MigrationError",
    "MigrationState",
    "NewMigration",
    "Step",
    "adopt",
    "lacking_revisions",
    "make_migration",
    "migrate",
    "migrate_if_missing",
    "migration_sql",
    "migration_state",
    "rename_constraint",
    "rename_index",
]

_FILES = {
    "AdoptionError": "adoption",
    "DataLossError": "losses.announce",
    "FreshDatabases": "fresh.databases",
    "MigrationError": "revisions",
    "MigrationState": "state",
    "NewMigration": "write",
    "Step": "steps",
    "adopt": "adoption",
    "lacking_revisions": "applied",
    "make_migration": "write",
    "migrate": "run",
    "migrate_if_missing": "run",
    "migration_sql": "sql",
    "migration_state": "state",
    "rename_constraint": "operations.renames",
    "rename_index": "operations.renames",
}


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
