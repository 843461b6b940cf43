"""Attributes that Python files ask of requests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.runtime import Request
from mtvgen.syntax_trees import walk

_REQUEST = dotted_names(Request)


def attributes_of_requests(module: Module, sources: Sources) -> Iterator[ast.Attribute]:
    """Yield `request.x`, where a parameter surely is the request.

    That is one with its annotation, and in views one of that name that has none.

    Args:
        module: The file.
        sources: The files of the project.
    """
    for node, annotation in module.once(_of_parameters):
        if annotation is None or sources.resolve(module.dotted_name(annotation)) in _REQUEST:
            yield node


def _of_parameters(module: Module) -> list[tuple[ast.Attribute, ast.expr | None]]:
    """Return the attributes of parameters that may be requests, each with its annotation."""
    return list(_possible(module))


def _possible(module: Module) -> Iterator[tuple[ast.Attribute, ast.expr | None]]:
    for function in module.every_function:
        plain = [*function.args.posonlyargs, *function.args.args]
        nodes = walk(function) if plain else []
        for argument in plain:
            is_named = argument.arg == "request" and module.file.startswith("views/")
            is_bound_again = sum(_binds(node, argument.arg) for node in nodes) > 1
            if is_bound_again or (argument.annotation is None and not is_named):
                continue
            for node in nodes:
                if isinstance(node, ast.Attribute) and _is_name(node.value, argument.arg):
                    yield node, argument.annotation


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.arg) and node.arg == name


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
