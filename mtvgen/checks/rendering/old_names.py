"""Names in templates that Flask's and Django's have, and that mean nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.templates.links import is_rebound
from mtvgen.checks.templates.template import Template
from mtvgen.runtime.support.other_frameworks import (
    REQUEST_ATTRIBUTES,
    TEMPLATE_ARGUMENTS,
)

KIND = "templates.other-framework"
# What asks whether there is such an attribute.
_GUARDS = frozenset({"defined", "undefined", "default", "d"})


def old_names(template: Template) -> list[tuple[str, Problem]]:
    """Return what a template takes from another framework, each with the name of that."""
    return list(_old_names(template))


def _old_names(template: Template) -> Iterator[tuple[str, Problem]]:
    tree = template.tree
    if tree is None:
        return
    guarded = {id(node.node) for node in tree.all(nodes.Test, nodes.Filter) if node.name in _GUARDS}
    for node in tree.all(nodes.Getattr):
        is_of_request = isinstance(node.node, nodes.Name) and node.node.name == "request"
        cure = REQUEST_ATTRIBUTES.get(node.attr) if is_of_request else None
        if cure is not None and id(node) not in guarded and not is_rebound(template, "request"):
            place = template.tokens.name_from(node.lineno, node.attr)
            yield node.attr, Problem(KIND, place, f"Request has no {node.attr!r}.", arrow(cure))
    for call in tree.all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        for keyword in call.kwargs:
            cure = TEMPLATE_ARGUMENTS.get((name, keyword.key))
            if cure is not None and not is_rebound(template, name):
                message = f"{name}() has no argument {keyword.key!r}."
                place = template.place(keyword)
                yield keyword.key, Problem(KIND, place, message, arrow(cure))
