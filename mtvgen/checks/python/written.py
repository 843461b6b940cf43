"""Places of what the running project knows by a line: functions, arguments of path(), frames."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from traceback import FrameSummary

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.runtime.support.locations import Location, shown
from mtvgen.runtime.support.regular_files import read_regular_file
from mtvgen.syntax_trees import walk

_CALLS = frozenset({"path", "include"})


def place_of_function(location: Location, parameter: str = "") -> Place:
    """Return the name of a function, or of one of its parameters.

    Args:
        location: The first line of the function: of its first decorator, or of its `def`.
        parameter: The parameter's name; where it has none of that name, the function's is meant.
    """

    def find(tree: ast.Module) -> ast.AST | None:
        for node in walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                decorators = getattr(node, "decorator_list", [])
                lines = [node.lineno, *(decorator.lineno for decorator in decorators)]
                if min(lines) == location.line:
                    return _parameter(node, parameter) or node
        return None

    return _place(location, find)


def _parameter(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str
) -> ast.arg | None:
    given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return next((argument for argument in given if argument.arg == name), None)


def place_of_first_class(location: Location) -> Place:
    """Return the name of the first class of a file."""

    def find(tree: ast.Module) -> ast.AST | None:
        return next((node for node in tree.body if isinstance(node, ast.ClassDef)), None)

    return _place(location, find)


def place_of_argument(location: Location, part: str, pattern: str) -> Place:
    """Return an argument of a `path()` or an `include()`.

    Args:
        location: The line of the call.
        part: `pattern`, `view` or `routes`, `methods`, `name`. A name that is not written there is
            the view's own, so the view is meant.
        pattern: The whole pattern of the route, which tells apart two calls of one line.
    """

    def find(tree: ast.Module) -> ast.AST | None:
        calls = [
            node
            for node in walk(tree)
            if isinstance(node, ast.Call) and node.lineno == location.line and _called(node)
        ]
        of_pattern = [call for call in calls if pattern.endswith(_written_pattern(call))]
        call = next(iter(of_pattern or calls), None)
        return _argument(call, part) if call is not None else None

    return _place(location, find)


def _called(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in _CALLS


def _written_pattern(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return "\0"  # no pattern ends so


def _argument(call: ast.Call, part: str) -> ast.AST:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if part in named:
        return named[part]
    index = 0 if part == "pattern" else 1
    return call.args[index] if index < len(call.args) else call


def place_of_frame(frame: FrameSummary, file: str) -> Place:
    """Return the expression that an exception left a frame in.

    Args:
        frame: The frame.
        file: Its file, as problems show it.
    """
    line = frame.lineno or 1
    columns = (frame.colno, frame.end_colno)
    if columns[0] is None or columns[1] is None or frame.end_lineno != line:
        return Place.at(file, line)
    try:
        text = _module(frame.filename).text.line(line).encode()
    except (OSError, ValueError, SyntaxError):
        return Place.at(file, line)
    start, end = (len(text[:column].decode(errors="ignore")) for column in columns)
    return Place(file, line, start + 1, line, end + 1)


def _place(location: Location, find: Callable[[ast.Module], ast.AST | None]) -> Place:
    """Return the place of a node that is found in a file, or the line if there is none."""
    try:
        module = _module(location.file)
        tree = ast.parse(module.source)
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return Place.at(shown(location.file), location.line)
    node = find(tree)
    return Place.at(module.file, location.line) if node is None else module.place(node)


def _module(file: str) -> Module:
    """Return a file as it is on the disk; a pipe or a device is never read."""
    return Module("", shown(file), None, source=read_regular_file(Path(file)))
