"""Migrations (docs/migrations.md): one face, whose parts are loaded when they are asked for.

A server asks `lacking_revisions()` at each start, and must not import Alembic for that; so the
names below are looked up on first use (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtvgen.runtime.migrations.applied import lacking_revisions
    from mtvgen.runtime.migrations.difference import MigrationState, migration_state
    from mtvgen.runtime.migrations.revisions import MigrationError
    from mtvgen.runtime.migrations.run import Step, migrate, migrate_if_missing, migration_sql
    from mtvgen.runtime.migrations.write import NewMigration, make_migration

__all__ = [
    "MigrationError",
    "MigrationState",
    "NewMigration",
    "Step",
    "lacking_revisions",
    "make_migration",
    "migrate",
    "migrate_if_missing",
    "migration_sql",
    "migration_state",
]

_FILES = {
    "MigrationError": "revisions",
    "MigrationState": "difference",
    "NewMigration": "write",
    "Step": "run",
    "lacking_revisions": "applied",
    "make_migration": "write",
    "migrate": "run",
    "migrate_if_missing": "run",
    "migration_sql": "run",
    "migration_state": "difference",
}


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
