"""Views in decorators: what a route calls is the wrapper, and what that hands on is in its source.

`functools.wraps` lets a wrapper look like the view inside it. Only a wrapper that hands on all
that it gets, and returns what the view gives, is called as the view is.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from mtvgen.syntax_trees import walk

Function = ast.FunctionDef | ast.AsyncFunctionDef


def layers(view: Any) -> Iterator[Any]:
    """Yield a view, and what is inside it while each wrapper hands everything on."""
    yield view
    while (inner := getattr(view, "__wrapped__", None)) is not None:
        if not isinstance(view, FunctionType) or not _hands_on(view, inner):
            return
        view = inner
        yield view


def _hands_on(wrapper: FunctionType, inner: Any) -> bool:
    """Return whether a wrapper calls what it wraps with what it gets, and returns the answer."""
    cells = zip(wrapper.__code__.co_freevars, wrapper.__closure__ or (), strict=True)
    names = [name for name, cell in cells if _content(cell) is inner]
    return len(names) == 1 and _source_hands_on(wrapper.__code__, names[0])


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a cell that is still empty
        return None


@lru_cache(maxsize=1024)
def _source_hands_on(code: CodeType, name: str) -> bool:
    """Return the same, read off the source; a decorator's code is shared by all the views in it."""
    try:
        (function,) = ast.parse(textwrap.dedent(inspect.getsource(code))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    if not isinstance(function, Function):
        return False
    inside = [node for statement in function.body for node in walk(statement)]
    kept = {
        id(node.value)
        for node in inside
        if isinstance(node, ast.Return | ast.Assign | ast.AnnAssign | ast.NamedExpr)
    }
    calls = [node for node in inside if isinstance(node, ast.Call) and _is_name(node.func, name)]
    own = _parameters(function.args)
    uses = [node for node in inside if isinstance(node, ast.Name)]
    forwarded = {id(part) for call in calls for part in walk(call)}
    return (
        bool(calls)
        and all(id(call) in kept and _forwards(call, function.args) for call in calls)
        and sum(node.id == name for node in uses) == len(calls)
        and not any(node.id in own and isinstance(node.ctx, ast.Store) for node in uses)
        and not any(node.id in _rest(function.args) and id(node) not in forwarded for node in uses)
    )


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _parameters(arguments: ast.arguments) -> set[str]:
    plain = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return {argument.arg for argument in plain} | _rest(arguments)


def _rest(arguments: ast.arguments) -> set[str]:
    """Return the names of `*args` and `**kwargs`, which may be changed by any other use of them."""
    return {rest.arg for rest in (arguments.vararg, arguments.kwarg) if rest is not None}


def _forwards(call: ast.Call, arguments: ast.arguments) -> bool:
    """Return whether a call passes on all of a function's parameters, unchanged and in place."""
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    given = [ast.unparse(argument) for argument in call.args]
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    by_place = [text for text in given if not text.startswith("*")]
    by_name = [*positional[len(by_place) :], *(argument.arg for argument in arguments.kwonlyargs)]
    rest = [f"*{arguments.vararg.arg}"] if arguments.vararg is not None else []
    wanted: dict[str | None, str] = {name: name for name in by_name}
    if arguments.kwarg is not None:
        wanted[None] = arguments.kwarg.arg
    return by_place == positional[: len(by_place)] and given == by_place + rest and named == wanted
