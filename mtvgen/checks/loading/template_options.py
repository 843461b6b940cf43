"""Options of a project's templates, read off its source while it can't be imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mtvgen.checks.facts import ENVIRONMENT_OPTIONS
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.runtime import Templates
from mtvgen.syntax_trees import walk

_TEMPLATES = dotted_names(Templates)


def makes_templates(modules: Iterable[Module]) -> bool:
    """Return whether a project makes its Templates, maybe with its own filters and tags."""
    return any(name in _TEMPLATES for module in modules for name in module.names.values())


def written_options(modules: Iterable[Module]) -> Mapping[str, Any] | None:
    """Return the options of `jinja2.Environment` that a project chooses by literals.

    Returns:
        The options that differ from the runtime's own; None where one of them is computed, so
        that nobody knows which tags and delimiters there are.
    """
    options: dict[str, Any] = {}
    for module in modules:
        if module.tree is None or not _may_choose(module):
            continue
        for name, value in _chosen(module):
            literal = _literal(value)
            if literal is None:
                return None
            both = isinstance(literal, list) and name in options
            options[name] = [*options[name], *literal] if both else literal
    return options


def _may_choose(module: Module) -> bool:
    return b"Templates" in module.source or b"environment" in module.source


def _chosen(module: Module) -> Iterator[tuple[str, ast.expr | None]]:
    """Each option that the code of a file sets; None for what has no value to read."""
    assert module.tree is not None  # noqa: S101  # the caller has looked
    for node in walk(module.tree):
        if isinstance(node, ast.Call) and module.dotted_name(node.func) in _TEMPLATES:
            for keyword in node.keywords:
                if keyword.arg in (None, "extensions"):
                    yield "extensions", keyword.value if keyword.arg else None
        elif isinstance(node, ast.ClassDef):
            if any(module.dotted_name(base) in _TEMPLATES for base in node.bases):
                yield "extensions", None
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".add_extension"):
            added = node.args[0] if node.args else None
            yield "extensions", ast.List([added]) if added is not None else None
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in ENVIRONMENT_OPTIONS:
                    yield target.attr, node.value


def _literal(value: ast.expr | None) -> Any:
    """Return a literal; of extensions only those that are named by a text can be had elsewhere."""
    try:
        literal = ast.literal_eval(value) if value is not None else None
    except (ValueError, TypeError):
        return None
    if isinstance(literal, list | tuple):
        return list(literal) if all(isinstance(item, str) for item in literal) else None
    return literal
