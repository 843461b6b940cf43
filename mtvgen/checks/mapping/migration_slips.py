"""Columns that a migration makes under another name than the model has, reported there as slips."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.runtime.support.regular_files import read_regular_file
from mtvgen.runtime.support.suggestions import closest
from mtvgen.syntax_trees import walk

# The operations whose columns may be gone again, or have another name, at the end.
_CHANGES = frozenset({"drop_column", "alter_column", "drop_table", "rename_table"})


def misnamed_columns(
    made: Mapping[tuple[str, str], Place], tables: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str, str, Place]]:
    """Yield a table, a column that a migration makes for it, the one that it lacks, and the place.

    Args:
        made: Where migrations make which column of which table: `columns_made()`.
        tables: The columns of each table, as the models have them.
    """
    for (table, name), place in made.items():
        if table not in tables or name in tables[table]:
            continue
        lacking = {column for column in tables[table] if (table, column) not in made}
        meant = closest(name, lacking)
        if meant is not None:
            yield table, name, meant, place


def columns_made(directory: Path) -> dict[tuple[str, str], Place]:
    """Return the columns that migrations make and that none may have changed, by table and name."""
    made: dict[tuple[str, str], Place] = {}
    changed: set[str] = set()
    for file in sorted(directory.glob("*.py")):
        for operation, table, columns in _operations(file):
            changed |= {table} if operation in _CHANGES else set()
            made |= {(table, name): place for name, place in columns}
    return {key: place for key, place in made.items() if key[0] not in changed}


def place_of_down_revision(directory: Path, name: str) -> Place | None:
    """Return the place of what a migration follows; None where it is not written there."""
    module = _read(directory / name)
    for node in module.tree.body if module is not None and module.tree is not None else ():
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        is_it = any(isinstance(one, ast.Name) and one.id == "down_revision" for one in targets)
        if module is not None and is_it and isinstance(node, ast.Assign | ast.AnnAssign):
            return module.place(node.value) if node.value is not None else None
    return None


def _read(file: Path) -> Module | None:
    try:
        source = read_regular_file(file)
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None  # said elsewhere
    return Module("", f"{file.parent.name}/{file.name}", None, tree, source)


def _operations(file: Path) -> Iterator[tuple[str, str, list[tuple[str, Place]]]]:
    """Each operation on a table that is named there, with the columns in it."""
    module = _read(file)
    if module is None or module.tree is None:
        return
    upgrades = (part for part in module.tree.body if isinstance(part, ast.FunctionDef))
    for node in (node for part in upgrades if part.name == "upgrade" for node in walk(part)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.func.attr, first.value, list(_columns(node, module))


def _columns(operation: ast.Call, module: Module) -> Iterator[tuple[str, Place]]:
    for part in operation.args[1:]:
        called = ast.unparse(part.func).rpartition(".")[2] if isinstance(part, ast.Call) else ""
        if called == "Column" and isinstance(part, ast.Call) and part.args:
            name = part.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value, module.place(name)
