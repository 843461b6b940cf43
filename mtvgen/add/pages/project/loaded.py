"""Questions to a loaded project before pages are added to it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from mtvgen.errors import MtvgenError, printable
from mtvgen.project.database import database_errors_as_cli_errors, load_database
from mtvgen.project.loading import Project, load_routed_application
from mtvgen.runtime.migrations.missing_columns import file_of_table
from mtvgen.runtime.migrations.state import files_of_changes
from mtvgen.runtime.models import Model
from mtvgen.runtime.models.database import Database
from mtvgen.runtime.routing.routes import Route

_FIXTURES = ("tests/conftest.py", "conftest.py")


def loaded_routes(project: Project) -> list[Route]:
    """Load a project, and return its routes.

    Raises:
        MtvgenError: It can't be loaded, or has no Application.
    """
    routes = load_routed_application(project).router.routes
    return [route for route in routes if not route.is_built_in]


def has_accounts(routes: list[Route]) -> bool:
    """Return whether `accounts(...)` is in the middleware: then each route has a rule."""
    return any(route.access is not None for route in routes)


def check_migrated(project: Project, model: Any) -> None:
    """Refuse a model whose table no migration makes as the model has it: its tests would fail.

    Raises:
        MtvgenError: Says to make one.
    """
    found = load_database(project)
    with closing(found.database), database_errors_as_cli_errors(), _blank(found.database):
        changed = files_of_changes(found.database, found.migrations)
    # `__table__`, because a table may be written out, or be that of the parent.
    file = file_of_table(getattr(model.__table__, "name", ""), Model.metadata)
    if file in changed:
        raise MtvgenError(
            f"{printable(file)} has changes that no migration holds.",
            cure="mtvgen makemigrations, then type the same command again",
        )


@contextmanager
def _blank(database: Database) -> Iterator[None]:
    """Let a SQLite database be one that the migrations make, whatever the user's own holds."""
    if database.file is None:
        yield
        return
    with database.temporarily(database.file.with_name("missing.sqlite3")):
        yield


def user_of_fixtures(root: Path) -> type | None:
    """Return the model of the people, if the project's fixtures are those of accounts."""
    user = getattr(sys.modules.get("models"), "User", None)
    if not isinstance(user, type) or not hasattr(user, "roles"):
        return None
    for name in _FIXTURES:
        file = root / name
        if file.is_file() and {"client", "visitor"} <= _functions(file):
            return user
    return None


def _functions(file: Path) -> set[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
