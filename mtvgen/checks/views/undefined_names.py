"""Names in Python files that nothing binds, as pyflakes finds them."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

from mtvgen import runtime
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem, arrow, meant_by
from mtvgen.project.missing_imports import COMMON
from mtvgen.runtime.support.other_frameworks import FROM_ELSEWHERE
from mtvgen.syntax_trees import walk

KIND = "project.undefined-name"
# Code that gives a file names by other means than a statement.
_BINDS_BY_OTHER_MEANS = re.compile(rb"\b(?:globals|exec)\(|\b__name__\]")
_ADDS_BUILTINS = re.compile(rb"\bbuiltins\b")
# What gettext installs, with neither an import nor an assignment.
_INSTALLED = frozenset({"_", "ngettext", "pgettext"})


def undefined_names(module: Module, sources: Sources, reported: Iterable[Problem]) -> list[Problem]:
    """Return the names of a file that raise a NameError where they are reached.

    Args:
        module: The file; one that imports everything from somewhere may have any name.
        sources: The files of the project, some of which import what this one lacks.
        reported: The problems of importing the project: of a line that the import stumbles over,
            and of a view that lacks a parameter, no more has to be said.
    """
    unsure = module.top.stars or _BINDS_BY_OTHER_MEANS.search(module.source)
    if module.tree is None or module.problems or unsure or not module.of_code(_lacks_names):
        return []
    used = module.once(_used_and_unbound)
    if not used or any(_ADDS_BUILTINS.search(other.source) for other in sources.modules.values()):
        return []
    lines = {problem.line for problem in reported if problem.file == module.file}
    explained = [
        range(function.lineno, (function.end_lineno or 0) + 1)
        for function in module.every_function
        if function.lineno in lines
    ]
    return [
        _problem(module, sources, node)
        for node in used
        if node.id not in _INSTALLED
        and node.lineno not in lines
        and not any(node.lineno in function for function in explained)
    ]


def _used_and_unbound(module: Module) -> list[ast.Name]:
    """Return the names, each once for each place; none in annotations, which may never be read."""
    assert module.tree is not None  # noqa: S101  # undefined_names() has looked
    names = {
        (node.lineno, node.col_offset): node
        for node in _nodes_that_run(module.tree)
        if isinstance(node, ast.Name)
    }
    places = _places_of_unbound(module)
    return [node for place, node in names.items() if place in places]


def _lacks_names(module: Module) -> bool:
    return bool(_places_of_unbound(module))


def _places_of_unbound(module: Module) -> set[tuple[int, int]]:
    """Return the lines and columns at which pyflakes finds a name that nothing binds."""
    # Imported where a file is read: the other commands need no pyflakes.
    from pyflakes.checker import Checker
    from pyflakes.messages import UndefinedName

    # A tree of its own: pyflakes writes into the nodes.
    found = Checker(ast.parse(module.source), filename=module.file).messages
    return {(one.lineno, one.col) for one in found if isinstance(one, UndefinedName)}


def _nodes_that_run(tree: ast.AST) -> Iterator[ast.AST]:
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST):
                yield node
                yield from _nodes_that_run(node)


def _problem(module: Module, sources: Sources, node: ast.Name) -> Problem:
    name, place = node.id, module.place(node)
    message = f"{name!r} is not defined."
    imported = _import_of(name, module, sources)
    local = meant_by(name, _local_names(module, node))
    if local and not (imported and name[0].isupper()):
        return Problem(KIND, place, message, meant=local)
    if cure := FROM_ELSEWHERE.get(name) or imported:
        return Problem(KIND, place, message, arrow(cure))
    top = (*module.names, *module.classes, *module.functions, *_assigned(module.tree))
    return Problem(KIND, place, message, meant=meant_by(name, (*top, *vars(builtins))))


def _import_of(name: str, module: Module, sources: Sources) -> str:
    """Return the import that would bind a name, as other files have it; empty for an unknown."""
    for other in sources.modules.values():
        package, _, last = other.names.get(name, "").rpartition(".")
        if package and last == name and package != module.name:
            return f"from {package} import {name}"
    if name in runtime.__all__:
        return f"from {runtime.__name__} import {name}"
    return f"from {COMMON[name]} import {name}" if name in COMMON else ""


def _local_names(module: Module, node: ast.Name) -> set[str]:
    """Return what the functions around a name bind."""
    around = [
        function
        for function in module.every_function
        if function.lineno <= node.lineno <= (function.end_lineno or function.lineno)
    ]
    parameters = {part.arg for each in around for part in walk(each) if isinstance(part, ast.arg)}
    return parameters.union(*map(_assigned, around))


def _assigned(tree: ast.AST | None) -> set[str]:
    nodes: Iterable[ast.AST] = walk(tree) if tree is not None else ()
    return {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
