"""Names at the top of a Python file: its imports, classes and functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class TopNames:
    """The names at the top of one file.

    Attributes:
        names: For each name that an import binds, or an assignment of another name: what it
            stands for, as a dotted name.
        classes: The classes; none that has its name from two places.
        functions: The functions; the same.
        stars: The modules of which everything is imported, in their order.
        imports: Every module that may be imported, and every name in one, but for types alone.
        type_variables: The names that `TypeVar()` makes.
    """

    names: dict[str, str] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    type_variables: set[str] = field(default_factory=set)


def top_names(name: str, body: list[ast.stmt], *, is_package: bool) -> TopNames:
    """Return the names at the top of a file, those in its `if` and `try` included.

    Args:
        name: What the file is imported as.
        body: Its statements.
        is_package: Whether it is an `__init__.py`.
    """
    top = TopNames()
    for_types = _imports_for_types(body)
    for node in _statements(body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            before = set(top.imports) if node in for_types else None
            if isinstance(node, ast.Import):
                _bind_import(top, node)
            else:
                _bind_import_from(top, node, imported_module(name, node, is_package=is_package))
            top.imports = before if before is not None else top.imports
        elif isinstance(node, ast.ClassDef):
            top.classes[node.name] = node
            top.names.pop(node.name, None)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            top.functions[node.name] = node
            top.names.pop(node.name, None)
        elif isinstance(node, ast.Assign):
            _bind_assignment(top, node)
    for unsure in _bound_twice(body):
        top.classes.pop(unsure, None)
        top.functions.pop(unsure, None)
    return top


def _imports_for_types(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements in `if TYPE_CHECKING:`, which no process runs."""
    ifs = (node for node in body if isinstance(node, ast.If))
    return [part for node in ifs if _is_for_types(node.test) for part in node.body]


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _statements(body: list[ast.stmt], *, handlers: bool = False) -> Iterator[ast.stmt]:
    """Yield the statements that a file runs.

    What an `except` does instead only if it is asked for.
    """
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            for part in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, part, []), handlers=handlers)
            for handler in getattr(node, "handlers", ()) if handlers else ():
                yield from _statements(handler.body, handlers=True)


def _bind_import(top: TopNames, node: ast.Import) -> None:
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        top.names[bound] = alias.name if alias.asname else bound
        top.imports.add(alias.name)


def _bind_import_from(top: TopNames, node: ast.ImportFrom, base: str) -> None:
    for alias in node.names:
        if alias.name == "*":
            top.stars.append(base)
            top.imports.add(base)
        else:
            full = f"{base}.{alias.name}".lstrip(".")
            top.names[alias.asname or alias.name] = full
            top.imports.add(full)


def _bind_assignment(top: TopNames, node: ast.Assign) -> None:
    """`show = render`: another name for what has one already; or `T = TypeVar("T")`."""
    targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node.value, ast.Call) and ast.unparse(node.value.func).endswith("TypeVar"):
        top.type_variables.update(targets)
    written = ast.unparse(node.value) if isinstance(node.value, ast.Name | ast.Attribute) else ""
    first, _, rest = written.partition(".")
    meant = f"{top.names[first]}.{rest}" if first in top.names and rest else top.names.get(first)
    for target in targets:
        if meant is not None:
            top.names[target] = meant
        else:
            top.names.pop(target, None)  # of two values nobody knows which


def imported_module(name: str, node: ast.ImportFrom, *, is_package: bool) -> str:
    """Return the module that `from ... import` means, relative ones included."""
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    up = node.level - 1 if is_package else node.level
    parts = parts[: len(parts) - up] if up else parts
    return ".".join([*parts, node.module] if node.module else parts)


def _bound_twice(body: list[ast.stmt]) -> set[str]:
    """Return the names that two statements bind.

    A class or a function is not sure to have such a name.
    """
    seen: set[str] = set()
    twice: set[str] = set()
    for node in _statements(body, handlers=True):
        bound: set[str] = set()
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            bound = {node.name}
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound = {alias.asname or alias.name for alias in node.names}
        twice |= bound & seen
        seen |= bound
    return twice
