"""What a browser should not run: values that a visitor may have written, where they are code.

All of it is a note: whether a visitor has written a value is not to be read from a template.
Silent is what is escaped, a number, written out, or an address that the project makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import nodes
from jinja2.filters import FILTERS

from mtvgen.checks.browser.html_names import EVENT_HANDLERS, runs_as_script
from mtvgen.checks.markup.elements import Attribute, Element, Markup
from mtvgen.checks.markup.pieces import Expression
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.templates.links import called_name
from mtvgen.checks.templates.mixing import is_json, own_names
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree

# Filters whose result is safe as it is: escaped by them, or a number.
_ESCAPING = frozenset({"e", "escape", "forceescape", "tojson", "xmlattr", "urlize", "urlencode"})
_NUMBERS = frozenset({"count", "float", "int", "length", "round", "sum", "wordcount", "abs"})
# The types of data blocks (HTML, 4.12.1), in which a value is JSON.
_DATA = frozenset({"application/json", "application/ld+json", "importmap", "speculationrules"})
# A text of such a name is markup that somebody has made on purpose.
_MARKUP = ("html", "svg", "markup", "rendered", "safe")
# Where an address is followed, or shown as a page: there, `javascript:` is run.
_FOLLOWED = {
    ("a", "href"),
    ("area", "href"),
    ("form", "action"),
    ("button", "formaction"),
    ("input", "formaction"),
    ("iframe", "src"),
    ("object", "data"),
    ("embed", "src"),
    ("script", "src"),
}


def injections(
    template: Template, markup: Markup, may_be_script: Callable[[Expression], bool]
) -> Iterator[Problem]:
    """Yield the notes on a template.

    Args:
        template: The template.
        markup: Its elements.
        may_be_script: Whether an expression may be an address that a visitor has written.
    """
    tree = template.tree
    assert tree is not None  # noqa: S101  # markup has been made of it
    own = own_names(tree)
    yield from _marked_safe(template, tree, own)
    yield from _without_escaping(template, tree)
    for element in markup.elements:
        yield from _in_script(element, own)
        for attribute in element.attributes:
            yield from _in_attribute(element, attribute, own)
            if (element.name, attribute.name) in _FOLLOWED:
                yield from _followed(attribute, may_be_script)


def _marked_safe(template: Template, tree: Tree, own: set[str]) -> Iterator[Problem]:
    bound = _bound_here(tree)
    for node in tree.all(nodes.Filter):
        if node.name == "safe" and node.node is not None and not _is_safe(node.node, own, bound):
            message = "safe shows this value as markup: what a visitor wrote would be run."
            hint = "Leave safe out, or clean the value first, in a filter of your own."
            yield _note("templates.marked-safe", template.place(node), message, hint)


def _bound_here(tree: Tree) -> set[str]:
    """Return the names that a template binds itself: parameters, targets, what is set."""
    stored = {name.name for name in tree.all(nodes.Name) if name.ctx != "load"}
    return stored | {
        argument.name for macro in tree.all(nodes.Macro, nodes.CallBlock) for argument in macro.args
    }


def _is_safe(node: Any, own: set[str], bound: set[str]) -> bool:
    """Return whether a value is not a visitor's own text, or nothing says that it is."""
    match node:
        case nodes.Name():
            return node.name in bound or _is_markup(node.name)
        case nodes.Getattr():
            return _is_markup(node.attr) or _is_loop(node)
        case nodes.Getitem():
            return False
        case nodes.Filter():
            if node.name in FILTERS and node.name not in _ESCAPING | _NUMBERS:
                return node.node is None or _is_safe(node.node, own, bound)
            return True
        case nodes.CondExpr():
            sides = [node.expr1, node.expr2]
            return all(side is None or _is_safe(side, own, bound) for side in sides)
        case nodes.Concat():
            return all(_is_safe(part, own, bound) for part in node.nodes)
        case nodes.Add() | nodes.Or() | nodes.And():
            return _is_safe(node.left, own, bound) and _is_safe(node.right, own, bound)
    return True


def _is_markup(name: str) -> bool:
    return any(word in name.lower() for word in _MARKUP)


def _is_loop(node: nodes.Getattr) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == "loop"


def _without_escaping(template: Template, tree: Tree) -> Iterator[Problem]:
    for node in tree.all(nodes.EvalContextModifier, nodes.ScopedEvalContextModifier):
        for option in node.options:
            is_off = isinstance(option.value, nodes.Const) and not option.value.value
            if option.key == "autoescape" and is_off:
                message = "nothing is escaped in here: what a visitor wrote would be run."
                hint = "Leave autoescape out."
                place = template.tokens.name_from(node.lineno, "autoescape")
                yield _note("templates.marked-safe", place, message, hint)


def _in_script(element: Element, own: set[str]) -> Iterator[Problem]:
    if element.name != "script" or element.content is None:
        return
    if not runs_as_script(element) and element.text("type") not in _DATA:
        return
    for expression in element.content.expressions:
        if not (_is_code(expression, own) or _is_number(expression.node)):
            message = "this value is in a script, where a quote or a line's end in it is code."
            hint = arrow("{{ ...|tojson }}, which writes the quotes, too")
            yield _note("templates.without-tojson", expression.place_inside(), message, hint)


def _in_attribute(element: Element, attribute: Attribute, own: set[str]) -> Iterator[Problem]:
    value = attribute.value
    if value is None or not attribute.name:
        return
    if attribute.name in EVENT_HANDLERS:
        for expression in value.expressions:
            if not (_is_code(expression, own) or _is_number(expression.node)):
                message = f"this value is code in {attribute.name}: a quote in it ends the text."
                hint = "Write it into a data- attribute, and read that in a file in static/."
                yield _note("templates.without-tojson", expression.place_inside(), message, hint)
    elif value.quote == "" and value.expressions:
        for expression in value.expressions:
            if not (_is_code(expression, own) or _is_number(expression.node)):
                message = f"{attribute.name} has no quotes: a space in this value ends it."
                hint = arrow(f'{attribute.name}="{{{{ ... }}}}"')
                yield _note("templates.unquoted", expression.place(), message, hint)
                break


def _is_code(expression: Expression, own: set[str]) -> bool:
    """Return whether what is written is JSON, a number, an address, or the project's own words."""
    node = expression.node
    if is_json(node, own) or called_name(node) in ("url_for", "static"):
        return True
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return True  # one of the project's own knows where it is used
    if isinstance(node, nodes.Call) and called_name(node) not in own:
        return True
    names = {"csp_nonce"} | own
    is_name = isinstance(node, nodes.Name) and node.name in names
    return is_name or (isinstance(node, nodes.Getattr) and node.attr == "csp_nonce")


def _is_number(node: Any) -> bool:
    """Return whether a value is a number by its name: a key, or counted."""
    name = getattr(node, "attr", getattr(node, "name", ""))
    arithmetic = nodes.Mul | nodes.Div | nodes.FloorDiv | nodes.Sub | nodes.Mod | nodes.Pow
    is_key = isinstance(name, str) and (name in ("id", "pk") or name.endswith("_id"))
    return is_key or isinstance(node, arithmetic)


def _followed(
    attribute: Attribute, may_be_script: Callable[[Expression], bool]
) -> Iterator[Problem]:
    """Yield a note on an address whose beginning, and so its scheme, is somebody else's."""
    value = attribute.value
    first = value.pieces[0] if value is not None and value.pieces else None
    if isinstance(first, Expression) and may_be_script(first):
        message = f"this {attribute.name} may be javascript:..., if a visitor wrote it."
        hint = 'Take only what begins with "https://" or "http://" where it is stored.'
        yield _note("templates.script-address", first.place_inside(), message, hint)


def _note(kind: str, place: Place, message: str, hint: str) -> Problem:
    return Problem(kind, place, message, hint, severity="note")
