"""Views that return what no browser can be sent, or raise what is to be returned."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.views.functions import (
    ANSWERS,
    ERRORS,
    RESPONSE,
    Views,
    first_line,
    is_local,
    own_nodes,
)


def wrong_answers(module: Module, sources: Sources, views: Views) -> Iterator[Problem]:
    """Yield what a file's functions return or raise and should not.

    Args:
        module: The file.
        sources: The files of the project.
        views: The functions whose answer is a route's.
    """
    for function, call in module.once(_raised):
        if _called(call, function, module, sources) in ANSWERS | RESPONSE:
            name = ast.unparse(call.func)
            message = f"{name}() makes a response, which is returned and not raised."
            cure = f"Write: return {name}(...)"
            yield Problem("views.not-returned", module.place(call), message, cure)
    for function, value in module.once(_returned):
        is_view = (module.file, first_line(function)) in views
        first = value.elts[0] if isinstance(value, ast.Tuple) else value
        called = _called(first, function, module, sources)
        if isinstance(value, ast.Tuple):
            if called in ANSWERS or is_view:
                yield _tuple(module, value, called)
        elif called in ERRORS and (is_view or _promises_another(function, module, sources)):
            name = ast.unparse(first.func) if isinstance(first, ast.Call) else ""
            message, hint = f"returns the error {name}.", f"Write: raise {name}(...)"
            yield Problem("views.not-raised", module.place(value), message, hint)
        elif is_view and _is_url_for(value):
            message = "the page would be this address, as its text."
            written = ast.get_source_segment(module.text.text, value) or ast.unparse(value)
            cure = arrow(f"return redirect({written})")
            yield Problem("views.wrong-answer", module.place(value), message, cure, "note")


def _returned(module: Module) -> list[tuple[Function, ast.expr]]:
    """Return the tuples and calls that the functions of a file return."""
    return [
        (function, node.value)
        for function in module.every_function
        if isinstance(function, ast.FunctionDef)
        for node in own_nodes(function)
        if isinstance(node, ast.Return)
        if isinstance(node.value, ast.Call)
        or (isinstance(node.value, ast.Tuple) and node.value.elts)
    ]


def _raised(module: Module) -> list[tuple[Function, ast.Call]]:
    """Return the calls that the functions of a file raise the value of."""
    return [
        (function, node.exc)
        for function in module.every_function
        for node in own_nodes(function)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
    ]


def _called(node: ast.expr, function: Function, module: Module, sources: Sources) -> str:
    if not isinstance(node, ast.Call) or is_local(node.func, function):
        return ""
    return sources.resolve(module.dotted_name(node.func))


def _tuple(module: Module, value: ast.Tuple, called: str) -> Problem:
    """`return render(...), 422`: Flask takes the status from there."""
    numbers = [part.value for part in value.elts[1:] if isinstance(part, ast.Constant)]
    status = next((str(number) for number in numbers if isinstance(number, int)), "...")
    if called in ANSWERS:
        name = ast.unparse(value.elts[0].func) if isinstance(value.elts[0], ast.Call) else "render"
        word = "status_code" if called.endswith(".render") else "status"
        cure = f"{name}(..., {word}={status})"
    else:
        cure = f"Response(..., status={status})"
    message = "a view returns one thing, and not a tuple."
    return Problem("views.wrong-answer", module.place(value), message, arrow(cure))


def _promises_another(function: Function, module: Module, sources: Sources) -> bool:
    """Return whether a function is annotated with a class of the project."""
    if function.returns is None:
        return False
    return sources.find_class(sources.resolve(module.dotted_name(function.returns))) is not None


def _is_url_for(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "url_for"
        and isinstance(value.func.value, ast.Name)
        and value.func.value.id == "request"
    )
