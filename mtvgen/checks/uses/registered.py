"""Filters, tests and globals of a project's own, where its Python files give them their names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.uses.groups import Kind, Node
from mtvgen.checks.uses.python_names import PythonName
from mtvgen.runtime import Templates

_TEMPLATES = dotted_names(Templates)
# What Templates() takes, and what an environment of Jinja2 calls the same.
_KINDS = {"filters": Kind.FILTER, "tests": Kind.TEST, "globals": Kind.GLOBAL}


class _Registered(NamedTuple):
    kind: Kind
    key: ast.Constant
    value: ast.expr


def names_of_registered(sources: Sources) -> Iterator[PythonName]:
    """Yield the names that are registered, and the functions of the project behind them.

    A function is the definition of its name; any other value is defined where it is registered.
    """
    for module in sources.modules.values():
        for kind, key, value in module.once(_registered):
            name, node = str(key.value), Node(kind, (str(key.value),))
            function = sources.find_function(sources.resolve(module.dotted_name(value)))
            why = "it is registered for all templates"
            sort = kind.name.lower()
            is_made_here = function is None
            yield PythonName(sort, name, module.place(key), node, is_made_here, why)
            if function is not None:
                yield PythonName(sort, name, function[0].place(function[1]), node, True, why)


def _registered(module: Module) -> list[_Registered]:
    found: list[_Registered] = []
    for node in ast.walk(module.tree) if module.tree is not None else ():
        if isinstance(node, ast.Call) and module.dotted_name(node.func) in _TEMPLATES:
            found += _in_call(node)
        elif isinstance(node, ast.Assign):
            found += _in_assignment(node)
    return found


def _in_call(call: ast.Call) -> Iterator[_Registered]:
    """Yield what is in `Templates(..., filters={"shout": shout})`."""
    for keyword in call.keywords:
        kind = _KINDS.get(keyword.arg or "")
        if kind is None or not isinstance(keyword.value, ast.Dict):
            continue
        for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield _Registered(kind, key, value)


def _in_assignment(node: ast.Assign) -> Iterator[_Registered]:
    """Yield what is in `environment.filters["shout"] = shout`."""
    for target in node.targets:
        if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Attribute):
            continue
        kind, key = _KINDS.get(target.value.attr), target.slice
        is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
        if kind is not None and is_text and isinstance(key, ast.Constant):
            yield _Registered(kind, key, node.value)
