"""Attributes and calls of Flask and Django in Python files, and what they are here."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator, Mapping

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.views.request_attributes import attributes_of_requests
from mtvgen.runtime import flash
from mtvgen.runtime.support.other_frameworks import (
    MODEL_ATTRIBUTES,
    REQUEST_ATTRIBUTES,
    WITH_REQUEST,
    cure_of_model_attribute,
)

KIND = "views.other-framework"
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
    for node in attributes_of_requests(module, sources):
        if node.attr in REQUEST_ATTRIBUTES and node.attr not in on_requests:
            message, cure = f"Request has no {node.attr!r}.", REQUEST_ATTRIBUTES[node.attr]
            yield Problem(KIND, module.place(node), message, arrow(cure))
    for node, method in module.once(_of_models) if module.of_code(_may_ask_models) else ():
        name = sources.resolve(module.dotted_name(node.value))
        if name in classes and node.attr not in classes[name].attributes:
            model = name.rpartition(".")[2]
            cure = cure_of_model_attribute(node.attr, model, model, method)
            yield Problem(KIND, module.place(node), f"{model} has no {node.attr!r}.", arrow(cure))
    flashes = {name for name in module.of_code(_get_text) if sources.resolve(name) in _FLASH}
    for call in module.all(ast.Call) if flashes else ():
        if _has_text(call) and module.dotted_name(call.func) in flashes:
            place, message = module.place(call.args[0]), "flash() takes the request first."
            yield Problem(KIND, place, message, arrow(WITH_REQUEST["flash"]))


def set_on_requests(modules: Iterable[Module]) -> frozenset[str]:
    """Return the attributes that code gives to what it calls a request."""
    return frozenset().union(*(module.of_code(_set_on_requests) for module in modules))


def _set_on_requests(module: Module) -> frozenset[str]:
    return frozenset(
        node.attr
        for node in module.all(ast.Attribute)
        if isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("request", "req", "r")
    )


def _may_ask_models(module: Module) -> bool:
    return any(node.attr in MODEL_ATTRIBUTES for node in module.all(ast.Attribute))


def _of_models(module: Module) -> list[tuple[ast.Attribute, str]]:
    """Return each `x.query`, with what is taken from it."""
    attributes = list(module.all(ast.Attribute))
    outer = {id(node.value): node.attr for node in attributes}
    return [(node, outer.get(id(node), "")) for node in attributes if node.attr in MODEL_ATTRIBUTES]


def _get_text(module: Module) -> frozenset[str]:
    """Return the dotted names of what a file calls with a text first."""
    return frozenset(
        module.dotted_name(call.func) for call in module.all(ast.Call) if _has_text(call)
    )


def _has_text(call: ast.Call) -> bool:
    """Return whether a call may be `flash("Saved.")`, under whatever name."""
    first = call.args[0] if call.args else None
    is_text = isinstance(first, ast.Constant) and isinstance(first.value, str)
    return (is_text or isinstance(first, ast.JoinedStr)) and len(call.args) < 3
