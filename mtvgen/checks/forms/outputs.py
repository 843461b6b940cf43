"""Expressions in forms, which may write controls: markup, macros that are computed, filters."""

from __future__ import annotations

from jinja2 import nodes

from mtvgen.checks.markup.elements import Output
from mtvgen.checks.templates.tree import import_targets

# Filters of Jinja2 whose result is markup only where what they get is.
_ESCAPED = frozenset(
    {"abs", "capitalize", "center", "count", "d", "default", "e", "escape", "filesizeformat"}
    | {"float", "forceescape", "format", "int", "join", "length", "localtime", "lower", "replace"}
    | {"round", "string", "striptags", "title", "trim", "truncate", "upper", "urlencode"}
    | {"wordcount", "wordwrap", "sum", "first", "last", "min", "max", "tojson"}
)
# Functions of every template that give a text.
_GIVE_TEXT = frozenset({"url_for", "static", "csp_nonce", "get_flashed_messages"})


def may_write_controls(output: Output, may_be_markup: bool) -> bool:
    """Return whether what an expression writes may have controls in it.

    Args:
        output: The expression, in a form.
        may_be_markup: Whether a value of the project may be markup.
    """
    tree = output.expression.template.tree
    imported = tree.all(nodes.Import, nodes.FromImport) if tree is not None else ()
    macros = {name for node in imported for name in import_targets(node)}
    return _may_write_tags(output.expression.node, may_be_markup, macros)


def _may_write_tags(node: nodes.Node | None, may_be_markup: bool, macros: set[str]) -> bool:
    match node:
        case None | nodes.Const() | nodes.Concat() | nodes.Compare() | nodes.Not():
            return False
        case nodes.CondExpr():
            sides = [node.expr1, node.expr2]
        case nodes.And() | nodes.Or():
            sides = [node.left, node.right]
        case nodes.Filter() if node.name in _ESCAPED:
            sides = [node.node]
        case nodes.Call():
            return _may_call_macro(node.node, may_be_markup, macros)
        case nodes.Name() | nodes.Getattr() | nodes.Getitem() | nodes.BinExpr():
            return may_be_markup
        case _:
            return True
    return any(_may_write_tags(side, may_be_markup, macros) for side in sides)


def _may_call_macro(called: nodes.Node, may_be_markup: bool, macros: set[str]) -> bool:
    if isinstance(called, nodes.Name):
        return called.name not in _GIVE_TEXT
    if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
        may_be_markup = may_be_markup or called.node.name in macros
    # A method of a value: `note.excerpt()`, `errors.get("text", "")`.
    return may_be_markup or not isinstance(called, nodes.Getattr)
