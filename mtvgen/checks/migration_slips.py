"""Columns that a migration makes under another name than the model has, reported there as slips."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from mtvgen.checks.places import Place
from mtvgen.runtime.support.regular_files import read_regular_file
from mtvgen.runtime.support.suggestions import closest

# The operations whose columns may be gone again, or have another name, at the end.
_CHANGES = frozenset({"drop_column", "alter_column", "drop_table", "rename_table"})


def misnamed_columns(
    directory: Path, tables: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str, str, Place]]:
    """Yield a table, a column that a migration makes for it, the one that it lacks, and the place.

    Args:
        directory: The project's `migrations/`.
        tables: The columns of each table, as the models have them.
    """
    made: dict[tuple[str, str], Place] = {}
    changed: set[str] = set()
    for file in sorted(directory.glob("*.py")):
        for operation, table, columns in _operations(file):
            if operation in _CHANGES:
                changed.add(table)
            for name, line in columns:
                made[table, name] = Place.at(f"{directory.name}/{file.name}", line)
    for (table, name), place in made.items():
        if table in changed or table not in tables or name in tables[table]:
            continue
        lacking = {column for column in tables[table] if (table, column) not in made}
        meant = closest(name, lacking)
        if meant is not None:
            yield table, name, meant, place


def _operations(file: Path) -> Iterator[tuple[str, str, list[tuple[str, int]]]]:
    """Each operation on a table that is named there, with the columns in it."""
    try:
        body = ast.parse(read_regular_file(file)).body
    except (OSError, SyntaxError, ValueError, RecursionError):
        return  # said elsewhere
    upgrades = (part for part in body if isinstance(part, ast.FunctionDef))
    for node in (node for part in upgrades if part.name == "upgrade" for node in ast.walk(part)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.func.attr, first.value, list(_columns(node))


def _columns(operation: ast.Call) -> Iterator[tuple[str, int]]:
    for part in operation.args[1:]:
        called = ast.unparse(part.func).rpartition(".")[2] if isinstance(part, ast.Call) else ""
        if called == "Column" and isinstance(part, ast.Call) and part.args:
            name = part.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, name.lineno
