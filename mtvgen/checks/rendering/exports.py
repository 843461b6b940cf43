"""What a template has for others: its macros, those that it imports, and the blocks above it."""

from __future__ import annotations

from jinja2 import nodes

from mtvgen.checks.templates.file_rules import chain_of
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template


def macros_of(template: Template, store: Store, owner: str = "") -> dict[str, str]:
    """Return the macros that are known in a template, each with its signature.

    Args:
        template: The template.
        store: All templates.
        owner: The name that another template was imported as, for the macros of that one.
    """
    if not owner:
        return _macros(template, store, frozenset())
    for node in template.tree.all(nodes.Import) if template.tree is not None else ():
        if node.target == owner and (other := _named(template, node.template, store)):
            return _macros(other, store, frozenset())
    return {}


def _macros(template: Template, store: Store, around: frozenset[str]) -> dict[str, str]:
    tree, inside = template.tree, around | {template.name}
    if tree is None or template.name in around:
        return {}
    found = {node.name: _signature(node) for node in tree.all(nodes.Macro)}
    for node in tree.all(nodes.FromImport):
        other = _named(template, node.template, store)
        theirs = _macros(other, store, inside) if other is not None else {}
        for name in node.names:
            theirs_is, own = name if isinstance(name, tuple) else (name, name)
            if theirs_is in theirs:
                found[own] = theirs[theirs_is]
    return found


def _named(template: Template, node: nodes.Expr, store: Store) -> Template | None:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return store.get(store.resolve(node.value, template.name))
    return None


def _signature(macro: nodes.Macro) -> str:
    return f"{macro.name}({', '.join(argument.name for argument in macro.args)})"


def blocks_above(template: Template, store: Store) -> dict[str, str]:
    """Return the blocks of a template's parents, each with the file that it is in."""
    found: dict[str, str] = {}
    for parent in chain_of(template, store)[1:]:
        if parent is not None and parent.tree is not None:
            for name in parent.tree.blocks:
                found.setdefault(name, parent.file)
    return found
