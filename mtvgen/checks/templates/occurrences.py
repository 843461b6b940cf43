"""Every name in a template with its exact place: facts that an editor asks for.

What a name is bound to is another question; this says what is written where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from jinja2 import nodes

from mtvgen.checks.places import Place
from mtvgen.checks.templates.mixing import written_names
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree
from mtvgen.records import record

# `bound` is a name where it gets its value: set, a loop, a parameter, an import.
Sort = Literal[
    "name", "bound", "attribute", "argument", "filter", "test", "block", "macro", "imported"
]
# In quotes: the template of extends, include and import; what url_for() and static() name.
QuotedSort = Literal["template", "route", "static"]


@record(frozen=True, slots=True)
class Occurrence:
    """One name, as it is written in one place.

    Attributes:
        sort: What it is the name of.
        name: The name.
        place: Its place, without the quotes that it may be in.
    """

    sort: Sort | QuotedSort
    name: str
    place: Place


def occurrences(template: Template) -> list[Occurrence]:
    """All names of a template, in the order in which they are written; none if it has no tree."""
    tree = template.tree
    if tree is None:
        return []
    found = {
        *_names(template, tree),
        *_members(template, tree),
        *_definitions(template, tree),
        *_imports(template, tree),
        *_quoted(template, tree),
    }
    if template.repaired is not None:
        # What completes a half-typed tag is written nowhere.
        text = template.tokens.text
        found = {one for one in found if text.at(one.place) == one.name}
    return sorted(found, key=lambda one: (one.place, one.sort))


def _names(template: Template, tree: Tree) -> Iterator[Occurrence]:
    text = template.tokens.text
    for node in tree.all(nodes.Name, nodes.NSRef):
        place = template.tokens.name_until(node.lineno, node.name)
        # An extension such as `{% trans %}` makes names up that are written nowhere.
        if text.at(place) == node.name:
            is_read = isinstance(node, nodes.NSRef) or node.ctx == "load"
            yield Occurrence("name" if is_read else "bound", node.name, place)
    for node in tree.all(nodes.NSRef):
        yield Occurrence("attribute", node.attr, template.tokens.name_from(node.lineno, node.attr))


def _members(template: Template, tree: Tree) -> Iterator[Occurrence]:
    """Attributes, arguments, filters and tests."""
    for node in tree.all(nodes.Getattr):
        is_block = isinstance(node.node, nodes.Name) and node.node.name == "self"
        yield Occurrence("block" if is_block else "attribute", node.attr, template.place(node))
    for node in tree.all(nodes.Getitem):
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            yield Occurrence("attribute", node.arg.value, template.place(node.arg))
    for node in tree.all(nodes.Keyword):
        yield Occurrence("argument", node.key, template.place(node))
    for node in tree.all(nodes.Filter):
        yield Occurrence("filter", node.name, template.place(node))
    for node in tree.all(nodes.Test):
        yield Occurrence("test", node.name, template.place(node))


def _definitions(template: Template, tree: Tree) -> Iterator[Occurrence]:
    for node in tree.all(nodes.Block):
        yield Occurrence("block", node.name, template.place(node))
    for name, place in template.tokens.names_behind("endblock"):
        yield Occurrence("block", name, place)
    for node in tree.all(nodes.Macro):
        yield Occurrence("macro", node.name, template.place(node))


def _imports(template: Template, tree: Tree) -> Iterator[Occurrence]:
    for node in tree.all(nodes.Import):
        written = template.tokens.names_of_tag(node.lineno)
        behind = [number for number, (name, _) in enumerate(written) if name == "as"]
        yield Occurrence("bound", *written[behind[-1] + 1])
    for node in tree.all(nodes.FromImport):
        written = template.tokens.names_of_tag(node.lineno)
        start = next(number for number, (name, _) in enumerate(written) if name == "import")
        following = iter(written[start + 1 :])
        for name in node.names:
            sort: Sort = "imported"
            if isinstance(name, str):
                yield Occurrence("bound", *next(following))
                continue
            yield Occurrence(sort, *next(following))
            next(following)  # as
            yield Occurrence("bound", *next(following))


def _quoted(template: Template, tree: Tree) -> Iterator[Occurrence]:
    for node in tree.all(nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport):
        for name, written in written_names(node.template):
            yield Occurrence("template", name, template.place(written))
    for node in tree.all(nodes.Call):
        sort = _sort_of_call(node.node)
        first: Any = node.args[0] if node.args else None
        if sort and isinstance(first, nodes.Const) and isinstance(first.value, str):
            yield Occurrence(sort, first.value, template.place(first))


def _sort_of_call(called: nodes.Expr) -> QuotedSort | None:
    if isinstance(called, nodes.Name) and called.name == "static":
        return "static"
    is_method = isinstance(called, nodes.Getattr) and called.attr == "url_for"
    is_function = isinstance(called, nodes.Name) and called.name == "url_for"
    return "route" if is_method or is_function else None
