"""Keys that templates read of a request themselves: `{{ request.query.get("q", "") }}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import nodes

from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree
from mtvgen.runtime.http.multidict import MultiDict

_SOURCES = frozenset({"query", "form", "files"})
# What every mapping has: a key of that name is not meant.
_METHODS = frozenset(dir(MultiDict))


def keys_of_templates(templates: Iterable[Template]) -> frozenset[str] | None:
    """Return the keys that templates read; None where one may read all."""
    keys: set[str] = set()
    for template in templates:
        own = template.once(_keys_in)
        if own is None:
            return None
        keys |= own
    return frozenset(keys)


def _keys_in(template: Template) -> frozenset[str] | None:
    tree = template.tree
    sources = list(_sources(tree)) if tree is not None else []
    if tree is None or not sources:
        return frozenset()
    asked = dict(_asked(tree))
    keys = [asked.get(id(source)) for source in sources]
    known = frozenset(key for key in keys if key is not None)
    return known if len(sources) == sum(key is not None for key in keys) else None


def _sources(tree: Tree) -> Iterator[nodes.Getattr]:
    """Yield each `request.query`, `request.form` and `request.files`."""
    for node in tree.all(nodes.Getattr):
        is_source = node.attr in _SOURCES and isinstance(node.node, nodes.Name)
        if is_source and node.node.name == "request":
            yield node


def _asked(tree: Tree) -> Iterator[tuple[int, str]]:
    """Yield the id of each value that is asked for a literal key, and the key."""
    for node in tree.all(nodes.Getattr):
        if node.attr not in _METHODS:
            yield id(node.node), node.attr
    for node in tree.all(nodes.Getitem):
        yield from _literal(node.node, node.arg)
    for node in tree.all(nodes.Call):
        called = node.node
        if isinstance(called, nodes.Getattr) and called.attr in ("get", "getlist") and node.args:
            yield from _literal(called.node, node.args[0])
    for node in tree.all(nodes.Compare):
        for operand in node.ops:
            if operand.op in ("in", "notin"):
                yield from _literal(operand.expr, node.expr)


def _literal(asked: nodes.Node, key: nodes.Node) -> Iterator[tuple[int, str]]:
    if isinstance(key, nodes.Const) and isinstance(key.value, str):
        yield id(asked), key.value
