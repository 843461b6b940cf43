"""The parts of a function: where it begins, what it runs itself, what it gives."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TypeAlias, cast

from mtvgen import runtime
from mtvgen.checks.python.runtime_names import Named, dotted_names
from mtvgen.checks.python.top_names import Function
from mtvgen.runtime import HTTPError, Response, json_response, redirect, render
from mtvgen.syntax_trees import children, walk

# The functions whose answer is a route's: file and first line, with the methods of the routes.
Views: TypeAlias = dict[tuple[str, int], frozenset[str]]

# What makes an answer, and what makes an error that is to be raised.
RESPONSE = dotted_names(Response)
ANSWERS = dotted_names(render) | dotted_names(redirect) | dotted_names(json_response)
ERRORS = frozenset(
    name
    for thing in vars(runtime).values()
    if isinstance(thing, type) and issubclass(thing, HTTPError)
    for name in dotted_names(cast(Named, thing))
)


def first_line(function: Function) -> int:
    """Return the first line as Python counts: that of the first decorator."""
    return min([function.lineno, *(node.lineno for node in function.decorator_list)])


@lru_cache(maxsize=256)
def own_nodes(function: Function) -> tuple[ast.AST, ...]:
    """Return what a function runs itself, without the functions and classes inside it.

    Kept, because three checks ask it of each function.
    """
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += children(node)
    return tuple(found)


def gives(function: Function) -> bool:
    """Return whether a function has a return with a value, or is not a plain function at all."""
    if isinstance(function, ast.AsyncFunctionDef):
        return True
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom)
        or (isinstance(node, ast.Return) and not _is_none(node.value))
        for node in own_nodes(function)
    )


def _is_none(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def is_local(called: ast.expr, function: Function) -> bool:
    """Return whether the name that is called is one that the function binds itself."""
    while isinstance(called, ast.Attribute):
        called = called.value
    if not isinstance(called, ast.Name):
        return True
    return called.id in _bound_in(function)


@lru_cache(maxsize=256)
def _bound_in(function: Function) -> frozenset[str]:
    """Return the names that are bound anywhere in a function."""
    bound: set[str] = set()
    for node in walk(function):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.FunctionDef) and node is not function:
            bound.add(node.name)
    return frozenset(bound)
