"""HTML that a browser has to repair: tags that nothing closes or opens, misspelt names, ids twice.

Only what one file decides by itself: an element may be opened in one template, and closed in
another, so what is open in the one and closed in the other is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from jinja2 import nodes

from mtvgen.checks.browser.html_names import ELEMENTS, OPTIONAL_END
from mtvgen.checks.markup.elements import Element, EndTag, Markup
from mtvgen.checks.markup.parser import VOID
from mtvgen.checks.markup.pieces import Path, Written, exclude_each_other
from mtvgen.checks.report import Problem, Related, did_you_mean, meant_by
from mtvgen.checks.templates.links import called_name
from mtvgen.checks.templates.template import Template

_FOREIGN = ("svg", "math", "template", "noscript")
# Attributes in which nobody writes tags.
_NO_TAGS = frozenset({"href", "src", "action", "class", "id", "name", "type", "method", "for"})
_TAG_IN_VALUE = re.compile(r">[^>]*<[a-z/]", re.IGNORECASE)
_PLAIN = re.compile(r"[a-z][a-z0-9]*")


def structure_problems(
    template: Template,
    markup: Markup,
    opened_elsewhere: Container[str],
    closed_elsewhere: Container[str],
    ids_elsewhere: Container[str],
) -> Iterator[Problem]:
    """Yield the notes on a file.

    Args:
        template: The file.
        markup: Its elements.
        opened_elsewhere: The names of elements that another file opens and does not close.
        closed_elsewhere: The same for those that it closes and does not open.
        ids_elsewhere: The ids of elements in other files.
    """
    left_open, stray = unclosed(markup), unopened(markup)
    swallowed = {outer for element in left_open if element.content for outer in element.inside}
    for end in stray:
        element = _wrong_pair(end, left_open)
        if element is not None:
            left_open.remove(element)
            yield _misnamed(element, end)
        elif end.name not in opened_elsewhere:
            yield _unopened(end)
    for element in left_open:
        if element.name not in closed_elsewhere and element not in swallowed:
            yield _unclosed(element)
    for element in markup.elements:
        if element.end is not None and not _is_foreign(element.inside):
            yield from _misspelt(element)
        yield from _open_quotes(element)
    yield from _ids_twice(markup)
    if not _may_write_fields(template, markup):
        yield from _labels_without_field(markup, ids_elsewhere)


def unclosed(markup: Markup) -> list[Element]:
    """Return the elements of a file that need an end tag, and have none in it."""
    return [
        element
        for element in markup.elements
        if element.end is None
        and element.name
        and element.name not in VOID
        and element.name not in OPTIONAL_END
        and (not element.self_closing or element.name in ELEMENTS - {"svg", "math"})
        and not _is_foreign(element.inside)
    ]


def unopened(markup: Markup) -> list[EndTag]:
    """Return the end tags of a file that close nothing in it."""
    return [
        end
        for end in markup.ends
        if not end.opened and end.name and end.name not in VOID and end.name not in ("p", "br")
    ]


def _wrong_pair(end: EndTag, left_open: list[Element]) -> Element | None:
    """Return the element that an end tag was probably meant for: the last one open next to it."""
    before = [each for each in left_open if each.start < end.start and each.path == end.path]
    return before[-1] if before and not before[-1].content else None


def _misnamed(element: Element, end: EndTag) -> Problem:
    """Return the problem of a start and an end tag of different names: one of them is wrong."""
    if element.name not in ELEMENTS and end.name in ELEMENTS:
        message = f"HTML has no element <{element.name}>."
        hint = did_you_mean(end.name)
        return Problem("templates.unknown-element", element.place, message, hint, "note")
    line = element.place.line
    message = f"</{end.name}> closes nothing: what is open is the <{element.name}> on line {line}."
    hint = did_you_mean(element.name)
    return Problem("templates.unclosed", end.place, message, hint, "note")


def _misspelt(element: Element) -> Iterator[Problem]:
    name = element.name
    if name in ELEMENTS or not _PLAIN.fullmatch(name):
        return  # known, or a custom element
    meant = meant_by(name, ELEMENTS)
    if meant:
        message = f"HTML has no element <{name}>."
        yield Problem(
            "templates.unknown-element", element.place, message, did_you_mean(meant), "note"
        )


def _open_quotes(element: Element) -> Iterator[Problem]:
    """Yield a note on a value with tags in it: the quote before it is closed by another one."""
    for attribute in element.attributes:
        value = attribute.value
        if attribute.name not in _NO_TAGS or value is None or not value.quote:
            continue
        first = value.pieces[0] if value.pieces else None
        if isinstance(first, Written) and _TAG_IN_VALUE.search(first.text):
            message = f"the quote after {attribute.name}= is not closed before the next tag."
            place = first.place(0, first.text.index(">"))
            hint = f"Write a quote ({value.quote}) before the >."
            yield Problem("templates.unclosed", place, message, hint, "note")


def _unopened(end: EndTag) -> Problem:
    message = f"</{end.name}> closes nothing: no <{end.name}> is open here."
    return Problem("templates.unclosed", end.place, message, "Leave it out.", "note")


def _unclosed(element: Element) -> Problem:
    name = element.name
    if element.self_closing:
        message = f"<{name} /> does not close itself: only a void element, or one of SVG, does."
    elif element.content is not None:
        message = f"<{name}> is not closed: it swallows what follows."
    else:
        message = f"<{name}> is not closed."
    return Problem("templates.unclosed", element.place, message, f"Write </{name}>.", "note")


def _is_foreign(inside: tuple[Element, ...]) -> bool:
    """Return whether elements of other languages may be here, or parts that are not shown."""
    return any(outer.name in _FOREIGN for outer in inside)


def _ids_twice(markup: Markup) -> Iterator[Problem]:
    first: dict[str, Element] = {}
    for element in markup.elements:
        attribute = element.get("id")
        literal = element.text("id")
        if attribute is None or not literal or _may_be_elsewhere(element):
            continue
        other = first.setdefault(literal, element)
        if other is element or exclude_each_other(other.path, element.path):
            continue
        message = f"the id {literal!r} is already on line {other.place.line}."
        place = attribute.value.place if attribute.value is not None else None
        related = (Related(other.place, f"has the id {literal!r}"),)
        place = place or attribute.place
        yield Problem("templates.id-twice", place, message, severity="note", related=related)


def _may_be_elsewhere(element: Element) -> bool:
    """Return whether an element is in a macro, or in a part that the page does not show."""
    return _in_macro(element.path) or _is_foreign(element.inside)


def _in_macro(path: Path) -> bool:
    return any(step.is_elsewhere and not step.is_block for step in path)


def _labels_without_field(markup: Markup, elsewhere: Container[str]) -> Iterator[Problem]:
    """Yield the labels of a file for an id that nothing in it has, or can have."""
    ids = {element.text("id") for element in markup.elements if element.get("id")}
    is_open = None in ids or any(not element.is_known for element in markup.elements)
    for label in markup.named("label"):
        attribute, wanted = label.get("for"), label.text("for")
        if attribute is None or not wanted or is_open or _in_macro(label.path):
            continue
        if wanted in ids or wanted in elsewhere:
            continue
        names = [each for each in ids if each]
        message = f"no element here has the id {wanted!r}, so this label belongs to no field."
        place = attribute.value.place if attribute.value is not None else None
        meant = meant_by(wanted, names)
        place = place or attribute.place
        yield Problem("templates.label-for", place, message, severity="note", meant=meant)


def _may_write_fields(template: Template, markup: Markup) -> bool:
    """Return whether anything but the file's own tags may write a field: a macro, an include."""
    tree = template.tree
    if tree is None or any(True for _ in tree.all(nodes.Include)):
        return True
    return any(_may_be_field(output.expression.node) for output in markup.outputs)


def _may_be_field(node: nodes.Node) -> bool:
    """Return whether an output may be a form's field: what is called, marked safe, or of a form."""
    if isinstance(node, nodes.Filter):
        return node.name == "safe" or (node.node is not None and _may_be_field(node.node))
    if isinstance(node, nodes.Call):
        return called_name(node) not in ("url_for", "static")
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return isinstance(node, nodes.Name) and any(w in node.name for w in ("form", "field"))
