"""Answers that a view makes and does not return, and errors that are made and not raised."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Problem
from mtvgen.checks.views.functions import (
    ANSWERS,
    ERRORS,
    RESPONSE,
    Views,
    first_line,
    gives,
    is_local,
    own_nodes,
)


def dropped_answers(module: Module, sources: Sources, views: Views) -> Iterator[Problem]:
    """Yield the answers that a file's views drop.

    Args:
        module: The file.
        sources: The files of the project; a helper that answers is in one of them.
        views: The functions whose answer is a route's.
    """
    for call in module.once(_dropped_by_wrappers):
        name = ast.unparse(call.func)
        message = f"nothing returns what {name}() answers, so the view it wraps answers None."
        cure = f"Write: return {ast.unparse(call)}"
        yield Problem("views.not-returned", module.place(call), message, cure)
    for function, call in module.once(_dropped_calls):
        called = sources.resolve(module.dotted_name(call.func))
        is_view = (module.file, first_line(function)) in views
        if is_local(call.func, function):
            continue
        if called in ERRORS:
            yield _not_raised(module, call)
        elif is_view or _answers(function, module, sources):
            yield from _not_returned(module, sources, function, call, is_view)


def _dropped_calls(module: Module) -> list[tuple[Function, ast.Call]]:
    """Return the calls that are statements, each with its function: few of what these do."""
    return [
        (function, node.value)
        for function in module.every_function
        if isinstance(function, ast.FunctionDef)
        for node in own_nodes(function)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]


def _dropped_by_wrappers(module: Module) -> list[ast.Call]:
    """Return the calls `view(request)` with which a decorator's inner function ends.

    What a decorator is given is its first parameter, and it returns the function inside.
    """
    found = []
    for decorator in module.every_function:
        if not isinstance(decorator, ast.FunctionDef) or not decorator.args.args:
            continue
        view = decorator.args.args[0].arg
        given_back = _names_given_back(decorator)
        for inner in decorator.body:
            is_inner = isinstance(inner, ast.FunctionDef) and inner.name in given_back
            last = inner.body[-1] if is_inner and isinstance(inner, ast.FunctionDef) else None
            call = last.value if isinstance(last, ast.Expr) else None
            if isinstance(call, ast.Call) and _is_call_of(call, view, first="request"):
                found.append(call)
    return found


def _names_given_back(function: ast.FunctionDef) -> set[str]:
    returned = (node.value for node in function.body if isinstance(node, ast.Return))
    return {value.id for value in returned if isinstance(value, ast.Name)}


def _is_call_of(call: ast.Call, name: str, *, first: str) -> bool:
    """Return whether a call is `view(request, ...)`."""
    argument = call.args[0] if call.args else None
    is_called = isinstance(call.func, ast.Name) and call.func.id == name
    return is_called and isinstance(argument, ast.Name) and argument.id == first


def _not_raised(module: Module, call: ast.Call) -> Problem:
    name = ast.unparse(call.func)
    message = f"{name}() makes an error, and nothing raises it."
    return Problem("views.not-raised", module.place(call), message, f"Write: raise {name}(...)")


def _not_returned(
    module: Module,
    sources: Sources,
    function: Function,
    call: ast.Call,
    is_view: bool,
) -> Iterator[Problem]:
    name, called = ast.unparse(call.func), sources.resolve(module.dotted_name(call.func))
    last = function.body[-1]
    is_last = isinstance(last, ast.Expr) and last.value is call
    helper = sources.find_function(called)
    if called in ANSWERS:
        message = f"{name}() makes a response, and nothing returns it."
    elif helper is None:
        return
    elif is_view and is_last and not gives(function) and _surely_answers(helper[1]):
        message = f"{function.name}() returns None: nothing returns what {name}() gives."
    elif _does_nothing_else(helper[1]) and _answers(helper[1], helper[0], sources):
        message = f"nothing returns what {name}() gives, and the view goes on."
    else:
        return
    yield Problem("views.not-returned", module.place(call), message, f"Write: return {name}(...)")


def _answers(function: Function, module: Module, sources: Sources) -> bool:
    """Return whether what a function gives is an answer, by its annotation or what it returns."""
    if function.returns is not None:
        return sources.resolve(module.dotted_name(function.returns)) in RESPONSE
    returned = [node.value for node in own_nodes(function) if isinstance(node, ast.Return)]
    return bool(returned) and all(
        isinstance(value, ast.Call) and sources.resolve(module.dotted_name(value.func)) in ANSWERS
        for value in returned
    )


def _does_nothing_else(helper: Function) -> bool:
    """Return whether calling a helper is of no use but for its answer."""
    return _surely_answers(helper) and not any(
        (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        or isinstance(node, ast.Delete | ast.Global | ast.Nonlocal | ast.With)
        or (isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load))
        for node in own_nodes(helper)
    )


def _surely_answers(helper: Function) -> bool:
    """Return whether a helper comes back with a value; one that raises may be there to raise."""
    nodes = list(own_nodes(helper))
    is_plain = isinstance(helper, ast.FunctionDef) and not helper.decorator_list
    raises = any(
        isinstance(node, ast.Raise | ast.Assert | ast.Yield | ast.YieldFrom) for node in nodes
    )
    return is_plain and not raises and gives(helper)
