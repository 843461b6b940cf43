"""Tables made by the migrations of a project, learned by running them where nothing is done."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.engine import Dialect

from mtvgen.runtime.migrations.operations.recorder import Recording, record
from mtvgen.runtime.migrations.operations.state import SchemaState
from mtvgen.runtime.migrations.revisions import Revisions
from mtvgen.runtime.migrations.schema.create_table import mentions
from mtvgen.runtime.migrations.schema.facts import Name
from mtvgen.runtime.migrations.steps import Scripts, Step

_CHANGES_TABLES = re.compile(r"\b(ALTER|CREATE|DROP|RENAME)\b", re.I)


@dataclass
class History:
    """The tables that migrations have made.

    Attributes:
        state: The tables, as SQLAlchemy's objects.
        uncertain: Tables that statements of their own may have changed.
        revisions: Those that the project has.
    """

    state: SchemaState = field(default_factory=SchemaState)
    uncertain: set[Name] = field(default_factory=set)
    revisions: Revisions | None = None

    @cached_property
    def words(self) -> set[str]:
        """Every word in the texts of the migrations."""
        return words_of(self.revisions) if self.revisions is not None else set()

    def add(self, recording: Recording) -> None:
        """Go on behind a migration."""
        for recorded in recording.operations:
            self.state.apply(recorded.operation)
        for statement in recording.statements:
            if _CHANGES_TABLES.search(statement):
                self.uncertain |= {n for n in self.state.tables if mentions(statement, n.name)}


def history_of(scripts: Scripts, applied: Iterable[str], dialect: Dialect) -> History:
    """Return what migrations have made that are applied.

    Args:
        scripts: All migrations.
        applied: The newest applied, of each branch.
        dialect: The database's.
    """
    history = History(revisions=scripts.revisions)
    done = scripts.revisions.up_to(applied)
    for revision in scripts.revisions.order:
        if revision.name in done:
            function = scripts.function(Step(revision.name, "applied"))
            history.add(record(function, revision.file, dialect))
    return history


def words_of(revisions: Revisions) -> set[str]:
    """Every word in the texts of migrations: names of tables, and SQL."""
    found: set[str] = set()
    for revision in revisions.order:
        for node in ast.walk(ast.parse(revision.file.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
                found.update(re.findall(r"\w+", node.value))
    return found
