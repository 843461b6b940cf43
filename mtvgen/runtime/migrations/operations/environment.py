"""Alembic's environment, without its alembic.ini and its env.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


@contextmanager
def migration_context(
    plan: Callable[[Any, MigrationContext], list[Any]],
    *,
    as_sql: bool = False,
    starting_rev: Any = None,
    **options: Any,
) -> Iterator[MigrationContext]:
    """Provide what Alembic's functions work on, `op` and `alembic.context` alike.

    Args:
        plan: Gives the steps, when it is asked.
        as_sql: Whether statements are written down, not run.
        starting_rev: Where the database is, with `as_sql`.
        options: As an env.py gives them: `connection=`, `output_buffer=`.
    """
    no_scripts = cast(ScriptDirectory, None)  # we find and import them ourselves
    start = {"as_sql": as_sql, "starting_rev": starting_rev} if as_sql else {}
    with EnvironmentContext(Config(), no_scripts, fn=plan, **start) as environment:
        environment.configure(transactional_ddl=True, **options)
        yield environment.get_context()
