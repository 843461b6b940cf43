"""Alembic's environment without its alembic.ini and env.py: the scripts, and the steps between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from mtvgen.runtime.migrations.applied import check_known
from mtvgen.runtime.migrations.failures import explained
from mtvgen.runtime.migrations.revisions import Revisions


@dataclass(frozen=True)
class Step:
    """One migration that was run.

    Attributes:
        name: `0002_title`.
        direction: `applied` or `undone`.
    """

    name: str
    direction: str


def load_scripts(directory: Path) -> ScriptDirectory:
    """The migrations as Alembic runs them.

    Raises:
        MigrationError: One can't be imported.
    """
    script = ScriptDirectory(str(directory), version_locations=[str(directory)])
    with explained(directory):
        script.get_heads()
    return script


Plan = Callable[[Any, MigrationContext], list[Any]]


def planner(revisions: Revisions, script: ScriptDirectory, target: str | None) -> Plan:
    """What Alembic asks for the steps from where the database is, once it is locked."""

    def plan(heads: tuple[str, ...], context: MigrationContext) -> list[Any]:
        check_known(heads, revisions)
        done = revisions.up_to(heads)
        back = target is None or (target in done and target not in heads)
        if back:
            steps = list(script._downgrade_revs(target or "base", heads)) if heads else []  # type: ignore[arg-type]  # Alembic's own command hands it tuples too
        else:
            steps = list(script._upgrade_revs(str(target), heads))  # type: ignore[arg-type]  # likewise
        word = "undone" if back else "applied"
        context.opts["mtvgen_steps"] = [Step(step.revision.revision, word) for step in steps]
        return steps

    return plan


@contextmanager
def migration_environment(
    script: ScriptDirectory,
    plan: Plan,
    options: dict[str, Any] | None = None,
    connection: Connection | None = None,
    **start: Any,
) -> Iterator[EnvironmentContext]:
    """Alembic's environment, as an env.py would make it."""
    with EnvironmentContext(Config(), script, fn=plan, **start) as environment:
        environment.configure(connection=connection, transactional_ddl=True, **(options or {}))
        yield environment
