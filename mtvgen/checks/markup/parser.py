"""Elements of a template, as Python's own HTML parser divides the text into tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from mtvgen.checks.markup.elements import Attribute, Element, EndTag, Markup, Output
from mtvgen.checks.markup.flat_text import ENTER, EXPRESSION, LEAVE, RESERVED, FlatText
from mtvgen.checks.markup.flatten import pieces_of_file
from mtvgen.checks.markup.pieces import Path, Piece, exclude_each_other
from mtvgen.checks.markup.values import Value
from mtvgen.checks.templates.template import Template

# HTML, 13.1.2: elements without an end tag, and those whose content has no tags in it.
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
    | {"wbr", "param", "frame", "basefont", "bgsound", "keygen"}
)
RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
# HTML, 13.2.5.32 to 13.2.5.39: an attribute's name, and its value in quotes or without.
_ATTRIBUTE = re.compile(
    f"(?P<name>[^\\s/>={ENTER}{LEAVE}]+)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s>\"'][^\s>]*)|))?"
)
_TAG_NAME = re.compile(f"</?([^\\s/>{ENTER}]*)")


def markup_of_file(template: Template) -> Markup:
    """Return the elements of one file: its blocks and macros in place, its includes unknown."""
    return template.once(_read_file)


def _read_file(template: Template) -> Markup:
    return markup_of(pieces_of_file(template))


def markup_of(pieces: Iterable[Piece], *, is_whole: bool = True) -> Markup:
    """Return the elements of pieces."""
    flat = FlatText(pieces)
    markup = Markup(is_whole=is_whole)
    parser = _Parser(flat, markup)
    parser.feed(flat.text)
    parser.finish()
    return markup


class _Parser(HTMLParser):
    """Finds the tags; attributes are read from the tag's text, which has places."""

    def __init__(self, flat: FlatText, markup: Markup) -> None:
        super().__init__(convert_charrefs=False)
        self._flat = flat
        self._markup = markup
        self._open: list[Element] = []
        self._raw: tuple[Element, int] | None = None
        # How far the expressions outside tags have been listed.
        self._listed = 0

    def finish(self) -> None:
        """Take what is left."""
        self.close()
        if self._raw is None:
            self._list_outputs(len(self._flat.text), len(self._flat.text))

    def handle_comment(self, data: str) -> None:
        start = self._offset()
        self._list_outputs(start, start + len(data) + len("<!---->"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = self._start(self_closing=False)
        if name in RAW:
            self.set_cdata_mode(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(self_closing=True)

    def handle_endtag(self, tag: str) -> None:
        start = self._offset()
        path = self._flat.path(start)
        if self._raw is not None:
            element, begin = self._raw
            element.content = Value(self._flat.between(begin, start), "")
            self._raw, self._listed = None, start
        self._list_outputs(start, start)
        opened = self._closed_by(tag, path)
        written = self._flat.written(start, start + len(tag) + 2)
        end = EndTag("" if RESERVED.search(tag) else tag, path, start, len(opened), written)
        for element in opened:
            element.end = end
        self._markup.ends.append(end)

    def _start(self, *, self_closing: bool) -> str:
        """Take a start tag; returns its name."""
        start, text = self._offset(), self.get_starttag_text() or ""
        match = _TAG_NAME.match(text)
        name = match[1].lower() if match else ""
        path = self._flat.path(start)
        self._list_outputs(start, start + len(text))
        element = Element(
            "" if RESERVED.search(name) else name,
            tuple(self._attributes(start + len(name) + 1, start + len(text), path)),
            path,
            self._around(path),
            start,
            self._flat.written(start, start + len(name) + 1),
            self_closing=self_closing,
        )
        self._markup.elements.append(element)
        if name in RAW and not self_closing:
            self._raw = (element, start + len(text))
            element.content = Value(self._flat.between(start + len(text), len(self._flat.text)), "")
        if name not in VOID and not self_closing:
            self._open.append(element)
        return name

    def _list_outputs(self, until: int, then: int) -> None:
        """List the expressions up to an offset; what follows from `then` on is for the next."""
        for start, expression in self._flat.expressions(self._listed, until):
            path = self._flat.path(start)
            inside = self._around(path)
            self._markup.outputs.append(Output(expression, path, inside, start))
        self._listed = max(self._listed, then)

    def _around(self, path: Path) -> tuple[Element, ...]:
        return tuple(each for each in self._open if not exclude_each_other(each.path, path))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._flat.lines[line - 1] + column

    def _attributes(self, start: int, end: int, around: Path) -> Iterator[Attribute]:
        text, depth = self._flat.text, len(around)
        while (match := _ATTRIBUTE.search(text, start, end)) is not None:
            name, start = match["name"], match.end()
            value = None
            for group, quote in (("double", '"'), ("single", "'"), ("bare", "")):
                if match[group] is not None:
                    first, last = match.span(group)
                    if group == "bare":
                        last = start = first + _length_in_branch(match[group])
                    value = Value(self._flat.between(first, last), quote)
            is_computed = EXPRESSION in name or text[match.end("name")] == ENTER
            if is_computed and value is None:
                value = Value(self._flat.between(*match.span("name")), "")
            written = self._flat.first(*match.span("name"))
            path = self._flat.path(match.start())[depth:]
            yield Attribute("" if is_computed else name.lower(), value, written, path)

    def _closed_by(self, tag: str, path: Path) -> tuple[Element, ...]:
        """Return what an end tag closes: the last one open, and those of other branches."""
        opened: list[Element] = []
        for index in range(len(self._open) - 1, -1, -1):
            element = self._open[index]
            if element.name != tag or exclude_each_other(element.path, path):
                continue
            if not opened:
                opened.append(element)
                # What is still open inside it ends with it.
                inner = [
                    each
                    for each in self._open[index:]
                    if exclude_each_other(each.path, element.path)
                ]
                self._open[index:] = [each for each in inner if each.name != tag]
                opened += [each for each in inner if each.name == tag]
            elif any(exclude_each_other(element.path, other.path) for other in opened):
                opened.append(element)
                del self._open[index]
        return tuple(opened)


def _length_in_branch(value: str) -> int:
    """Return how much of a value without quotes is in the branch in which it begins."""
    depth = 0
    for index, character in enumerate(value):
        depth += {ENTER: 1, LEAVE: -1}.get(character, 0)
        if depth < 0:
            return index
    return len(value)
