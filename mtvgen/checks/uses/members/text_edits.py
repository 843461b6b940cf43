"""Places between others, and the imports that an edit of a Python file needs, or no longer does."""

from __future__ import annotations

import ast
import sys
from itertools import pairwise

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.places import whole
from mtvgen.checks.report import Edit


def with_import(module: Module, package: str, name: str) -> list[Edit]:
    """Return the edit that imports a name, in the order that linters want.

    Args:
        module: The file, which does not import it.
        package: What it is imported from.
        name: The name.
    """
    imports = _imports(module)
    for node in imports:
        if isinstance(node, ast.ImportFrom) and node.module == package and not node.level:
            later = next((one for one in node.names if _order(one.name) > _order(name)), None)
            if later is not None:
                return [Edit(before(whole(module.text, later)), f"{name}, ")]
            return [Edit(behind(whole(module.text, node.names[-1])), f", {name}")]
    line, end = f"from {package} import {name}", "\r\n" if b"\r\n" in module.source else "\n"
    own = [node for node in imports if _package(node) in sys.stdlib_module_names]
    if own and package in sys.stdlib_module_names:
        return [Edit(behind(whole(module.text, own[-1])), f"{end}{line}")]
    first = Place.at(module.file, imports[0].lineno if imports else 1)
    return [Edit(first, f"{line}{end}{end}")]


def without_import(module: Module, dotted: str, uses: int) -> list[Edit]:
    """Return the edit that takes an import away which nothing needs any more.

    Args:
        module: The file.
        dotted: What is imported.
        uses: How often its name is read in what goes.
    """
    nodes = list(ast.walk(module.tree)) if module.tree is not None else []
    names = [name for name, meant in module.names.items() if meant == dotted]
    read = [one for one in nodes if isinstance(one, ast.Name) and one.id in names]
    for node in _imports(module) if len(read) == uses else ():
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) in names:
                return [Edit(_alias_with_comma(module, node, alias), "")]
    return []


def _alias_with_comma(module: Module, node: ast.ImportFrom, alias: ast.alias) -> Place:
    """Return a name in an import with its comma; all of the import if it is the only one."""
    if len(node.names) == 1:
        start, lines = Place.at(module.file, node.lineno), module.text
        is_last = not lines.line(node.lineno + 1) and not lines.line(node.lineno - 1)
        return start._replace(end_line=node.lineno + 1 + is_last)
    places = [whole(module.text, one) for one in node.names]
    here = whole(module.text, alias)
    for one, other in pairwise(places):
        if other == here:
            return between(behind(one), behind(here))
    return between(before(here), before(places[1]))


def _imports(module: Module) -> list[ast.Import | ast.ImportFrom]:
    body = module.tree.body if module.tree is not None else []
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [node for node in imports if _package(node) != "__future__"]


def _package(node: ast.Import | ast.ImportFrom) -> str:
    name = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
    return name.partition(".")[0]


def _order(name: str) -> tuple[int, str]:
    """Constants, classes, functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def before(place: Place) -> Place:
    """Return where a place begins."""
    return place._replace(end_line=place.line, end_column=place.column)


def behind(place: Place) -> Place:
    """Return where a place ends."""
    return place._replace(line=place.end_line, column=place.end_column)


def before_end(place: Place) -> Place:
    """Return the place before the last character, which closes a call."""
    end = behind(place)
    return end._replace(column=end.column - 1, end_column=end.column - 1)


def between(start: Place, end: Place) -> Place:
    """Return the place from the beginning of one to the end of another."""
    return start._replace(end_line=end.line, end_column=end.column)
