"""Views that end with an answer and do not return it."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Module, Sources
from mtvgen.checks.report import Problem
from mtvgen.runtime import redirect, render

_ANSWERS = dotted_names(render) | dotted_names(redirect)


def dropped_answers(
    module: Module, sources: Sources, views: Container[tuple[str, int]]
) -> Iterator[Problem]:
    """Yield the views of a file whose last statement makes an answer and drops it.

    Args:
        module: The file.
        sources: The files of the project; the helper is in one of them.
        views: File and first line of each function whose answer is a route's.
    """
    for view in module.every_function:
        if not isinstance(view, ast.FunctionDef) or (module.file, _first_line(view)) not in views:
            continue
        last = view.body[-1]
        call = last.value if isinstance(last, ast.Expr) else None
        if not isinstance(call, ast.Call) or _is_local(call.func, view):
            continue
        name, called = ast.unparse(call.func), sources.resolve(module.dotted_name(call.func))
        helper = sources.find_function(called)
        if called in _ANSWERS:
            message = f"{name}() makes a response, and nothing returns it."
        elif helper is not None and not _gives(view) and _surely_answers(helper[1]):
            message = f"{view.name}() returns None: nothing returns what {name}() gives."
        else:
            continue
        hint = f"Write: return {name}(...)"
        yield Problem("views.not-returned", module.place(call), message, hint)


def _first_line(function: ast.FunctionDef) -> int:
    """Return the first line as Python counts: that of the first decorator."""
    return min([function.lineno, *(node.lineno for node in function.decorator_list)])


def _gives(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function has a return with a value, or is not a plain function at all."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom)
        or (isinstance(node, ast.Return) and not _is_none(node.value))
        for node in _own_nodes(function)
    )


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _surely_answers(helper: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a helper comes back with a value; one that raises may be there to raise."""
    nodes = list(_own_nodes(helper))
    is_plain = isinstance(helper, ast.FunctionDef) and not helper.decorator_list
    raises = any(
        isinstance(node, ast.Raise | ast.Assert | ast.Yield | ast.YieldFrom) for node in nodes
    )
    return is_plain and not raises and _gives(helper)


def _own_nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Yield what a function runs itself, without the functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _is_local(called: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether the name that is called is one that the function binds itself."""
    while isinstance(called, ast.Attribute):
        called = called.value
    if not isinstance(called, ast.Name):
        return True
    return any(
        (isinstance(node, ast.arg) and node.arg == called.id)
        or (isinstance(node, ast.alias) and (node.asname or node.name) == called.id)
        or (
            isinstance(node, ast.Name)
            and node.id == called.id
            and not isinstance(node.ctx, ast.Load)
        )
        or (isinstance(node, ast.FunctionDef) and node is not function and node.name == called.id)
        for node in ast.walk(function)
    )
