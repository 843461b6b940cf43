"""Attributes and calls of Flask and Django in Python files, and what they are here."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Module, Sources
from mtvgen.checks.report import Problem, arrow
from mtvgen.runtime import Request, flash
from mtvgen.runtime.support.other_frameworks import (
    MODEL_ATTRIBUTES,
    REQUEST_ATTRIBUTES,
    WITH_REQUEST,
    cure_of_model_attribute,
)

KIND = "views.other-framework"
_REQUEST = dotted_names(Request)
_FLASH = dotted_names(flash)


def old_names(
    module: Module,
    sources: Sources,
    classes: Mapping[str, ClassFact],
    on_requests: Container[str],
) -> Iterator[Problem]:
    """Yield the attributes and calls of other frameworks in a file.

    Args:
        module: The file.
        sources: The files of the project.
        classes: The models, by dotted name.
        on_requests: The attributes that the project's code gives to requests.
    """
    written = module.once(_written)
    for node, annotation in written.of_requests:
        resolved = sources.resolve(module.dotted_name(annotation)) if annotation else ""
        is_request = resolved in _REQUEST or annotation is None
        if is_request and node.attr not in on_requests:
            message, cure = f"Request has no {node.attr!r}.", REQUEST_ATTRIBUTES[node.attr]
            yield Problem(KIND, module.place(node), message, arrow(cure))
    for node, method in written.of_models:
        name = sources.resolve(module.dotted_name(node.value))
        if name in classes and node.attr not in classes[name].attributes:
            model = name.rpartition(".")[2]
            cure = cure_of_model_attribute(node.attr, model, model, method)
            yield Problem(KIND, module.place(node), f"{model} has no {node.attr!r}.", arrow(cure))
    for call in written.flashes:
        if sources.resolve(module.dotted_name(call.func)) in _FLASH:
            place, message = module.place(call.args[0]), "flash() takes the request first."
            yield Problem(KIND, place, message, arrow(WITH_REQUEST["flash"]))


def set_on_requests(modules: Iterable[Module]) -> frozenset[str]:
    """Return the attributes that code gives to what it calls a request."""
    return frozenset().union(*(module.once(_written).set_on_requests for module in modules))


@dataclass(frozen=True)
class _Written:
    """Nodes that may be of another framework, by their spelling alone.

    Attributes:
        of_requests: Attributes of a parameter that is the request, each with its annotation.
        of_models: `x.query`, each with what is taken from it.
        flashes: Calls of something with a text first.
        set_on_requests: Attributes that are stored on a request.
    """

    of_requests: tuple[tuple[ast.Attribute, ast.expr | None], ...]
    of_models: tuple[tuple[ast.Attribute, str], ...]
    flashes: tuple[ast.Call, ...]
    set_on_requests: frozenset[str]


def _written(module: Module) -> _Written:
    nodes = list(ast.walk(module.tree)) if module.tree is not None else []
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    outer = {id(node.value): node.attr for node in attributes}
    return _Written(
        tuple(_of_requests(module)),
        tuple(
            (node, outer.get(id(node), "")) for node in attributes if node.attr in MODEL_ATTRIBUTES
        ),
        tuple(node for node in nodes if isinstance(node, ast.Call) and _flashes_text(node)),
        frozenset(
            node.attr
            for node in attributes
            if isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("request", "req", "r")
        ),
    )


def _of_requests(module: Module) -> Iterator[tuple[ast.Attribute, ast.expr | None]]:
    for function in module.every_function:
        plain = [*function.args.posonlyargs, *function.args.args]
        nodes = list(ast.walk(function)) if plain else []
        for argument in plain:
            is_named = argument.arg == "request" and module.file.startswith("views/")
            is_bound_again = sum(_binds(node, argument.arg) for node in nodes) > 1
            if is_bound_again or (argument.annotation is None and not is_named):
                continue
            for node in nodes:
                if (
                    isinstance(node, ast.Attribute)
                    and node.attr in REQUEST_ATTRIBUTES
                    and _is_name(node.value, argument.arg)
                ):
                    yield node, argument.annotation


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.arg) and node.arg == name


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _flashes_text(call: ast.Call) -> bool:
    """Return whether a call may be `flash("Saved.")`, under whatever name."""
    first = call.args[0] if call.args else None
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return (is_text or isinstance(first, ast.JoinedStr)) and len(call.args) < 3
