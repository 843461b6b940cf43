"""Views that return None on every path, which is not an answer."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from mtvgen.checks.python.sources import Module, Sources
from mtvgen.checks.report import Problem


def dropped_answers(
    module: Module, sources: Sources, views: Container[tuple[str, int]]
) -> Iterator[Problem]:
    """The views of a file that end with a helper's answer, and return nothing anywhere.

    Args:
        module: The file.
        sources: The files of the project; the helper is in one of them.
        views: File and line of each function that a route calls without anything around it.
    """
    for view in module.functions.values():
        if (module.file, view.lineno) not in views or view.decorator_list or _gives(view):
            continue
        last = view.body[-1]
        call = last.value if isinstance(last, ast.Expr) else None
        if not isinstance(call, ast.Call) or _is_local(call.func, view):
            continue
        helper = sources.find_function(sources.resolve(module.dotted_name(call.func)))
        if helper is not None and _surely_answers(helper[1]):
            name = ast.unparse(call.func)
            message = f"{view.name}() returns None: nothing returns what {name}() gives."
            hint = f"Write: return {name}(...)"
            yield Problem("views.not-returned", module.place(call), message, hint)


def _gives(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function has a return with a value, or is not a plain function at all."""
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
    """Whether a helper comes back with a value; one that raises may be there to raise."""
    nodes = list(_own_nodes(helper))
    is_plain = isinstance(helper, ast.FunctionDef) and not helper.decorator_list
    raises = any(
        isinstance(node, ast.Raise | ast.Assert | ast.Yield | ast.YieldFrom) for node in nodes
    )
    return is_plain and not raises and _gives(helper)


def _own_nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What a function runs itself, without the functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _is_local(called: ast.expr, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the name that is called is one that the function binds itself."""
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
