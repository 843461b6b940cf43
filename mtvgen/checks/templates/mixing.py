"""Kinds of templates: text in a page that is escaped, values in JSON and scripts as they are."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree, children, import_targets
from mtvgen.runtime.templates.kinds import ending_of, is_escaped
from mtvgen.runtime.templates.mixing import cure_mixing, explain_mixing, forces_escape

_TAGS = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
}
# What is not a visitor's text: numbers, and what a template says of its own loop.
_NUMBERS = frozenset({"count", "float", "int", "length", "round", "sum", "wordcount"})
_KEEPS_JSON = frozenset({"indent", "safe", "trim"})


def mixing_problems(template: Template) -> Iterator[Problem]:
    """Yield what is wrong with a template's kind and with the kinds of those that it names."""
    tree = template.tree
    if tree is None:
        return
    if is_escaped(template.name):
        yield from _unescaped(template, tree)
    elif ending_of(template.name) in (".js", ".json"):
        yield from _without_tojson(template, tree)


def _unescaped(template: Template, tree: Tree) -> Iterator[Problem]:
    """Yield an error at run time: a template without escaping in one that is escaped."""
    forced = {
        id(node)
        for block in tree.all(nodes.FilterBlock)
        if forces_escape(block)
        for node in _inside(block)
    }
    for kind, tag in _TAGS.items():
        for node in tree.all(kind):
            names = () if id(node) in forced else written_names(node.template)
            for name, written in names:
                if not is_escaped(name):
                    message = f"{explain_mixing(tag, name, template.name)}."
                    hint = arrow(cure_mixing(tag, name))
                    place = template.place(written)
                    yield Problem("templates.unescaped", place, message, hint)


def _inside(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what is compiled inside a node: a block is a function of its own."""
    for child in children(node):
        if not isinstance(child, nodes.Block):
            yield child
            yield from _inside(child)


def written_names(expression: nodes.Expr) -> Iterator[tuple[str, nodes.Expr]]:
    """Yield the names of templates that are written out, also in a list or in a choice."""
    if isinstance(expression, nodes.Const):
        if isinstance(expression.value, str):
            yield expression.value, expression
    elif isinstance(expression, nodes.List | nodes.Tuple):
        for item in expression.items:
            yield from written_names(item)
    elif isinstance(expression, nodes.CondExpr):
        yield from written_names(expression.expr1)
        if expression.expr2 is not None:
            yield from written_names(expression.expr2)


def _without_tojson(template: Template, tree: Tree) -> Iterator[Problem]:
    """Yield a note: a quote in the value would end the text that it is in."""
    own = own_names(tree)
    encoded = {
        id(node)
        for block in tree.all(nodes.FilterBlock)
        if is_json(block.filter, own)
        for node in _inside(block)
    }
    for output in tree.all(nodes.Output):
        for node in output.nodes:
            if id(output) in encoded or is_json(node, own):
                continue
            message = "this value is written as it is, and a quote in it ends the text around it."
            hint = arrow("{{ ...|tojson }}, which writes the quotes, too")
            place = template.tokens.tag(node.lineno)
            yield Problem("templates.without-tojson", place, message, hint, severity="note")


def own_names(tree: Tree) -> set[str]:
    """Return the names of macros, whose outputs are looked at where they are written."""
    own = {macro.name for macro in tree.all(nodes.Macro)} | {"caller", "super"}
    for node in tree.all(nodes.Import, nodes.FromImport):
        own |= set(import_targets(node))
    return own


def is_json(node: nodes.Node | None, own: set[str]) -> bool:
    """Return whether what an expression prints is JSON, a number, or the template's own words.

    Args:
        node: The expression; None for the missing `else` of a choice, which prints nothing.
        own: Names of macros, whose outputs are looked at where they are.
    """
    if node is None or isinstance(node, nodes.Const | nodes.TemplateData):
        return True
    if isinstance(node, nodes.CondExpr):
        return is_json(node.expr1, own) and is_json(node.expr2, own)
    if isinstance(node, nodes.Filter):
        if node.name in _KEEPS_JSON:
            return node.node is not None and is_json(node.node, own)
        return node.name == "tojson" or node.name in _NUMBERS
    if isinstance(node, nodes.Getattr):
        return isinstance(node.node, nodes.Name) and node.node.name == "loop"
    return isinstance(node, nodes.Call) and _calls_own(node, own)


def _calls_own(node: nodes.Call, own: set[str]) -> bool:
    """`{{ field("a") }}`, `{{ forms.field("a") }}`, `{{ self.title() }}`."""
    called = node.node
    if isinstance(called, nodes.Getattr):
        called = called.node
        return isinstance(called, nodes.Name) and called.name in own | {"self"}
    return isinstance(called, nodes.Name) and called.name in own
