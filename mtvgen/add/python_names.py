"""Names in a Python file: what binds them, and the order in which formatters sort them."""

from __future__ import annotations

import ast
from collections.abc import Collection


def following_text(items: Collection[str], name: str) -> str | None:
    """Return the item that a new one goes in front of.

    None: at the end, as where they are in no order.
    """
    keys = [_order(item) for item in items]
    if keys != sorted(keys):
        return None
    return next((item for item in items if _order(item) > _order(name)), None)


def following_alias(aliases: list[ast.alias], name: str) -> ast.alias | None:
    """Return the imported name that a new one goes in front of; None: at the end."""
    found = following_text([alias.name for alias in aliases], name)
    return next((alias for alias in aliases if alias.name == found), None)


def _order(name: str) -> tuple[int, str]:
    """Return the key that formatters sort names by: CONSTANTS, Classes, then functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower()


def module_of(statement: ast.Import | ast.ImportFrom) -> str:
    """Return where an import is from, with the dots in front."""
    if isinstance(statement, ast.Import):
        return statement.names[0].name
    return f"{'.' * statement.level}{statement.module or ''}"


def package_of(module: str) -> str:
    """Return what formatters group imports by, near enough: the first part of the name."""
    return "." if module.startswith(".") else module.partition(".")[0]


def targets_of(statement: ast.stmt) -> set[str]:
    """Return the names that an assignment or an import binds."""
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    if isinstance(statement, ast.ImportFrom):
        names |= {alias.asname or alias.name for alias in statement.names}
    return names
