"""Places of the parts of a template, to the character.

Offsets are found when somebody asks, by dividing the text into tokens once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import jinja2
from jinja2 import nodes

from mtvgen.checks.places import Place, Text
from mtvgen.checks.templates.parsing.marks import earlier, line_of, number_of

_BEGINS = frozenset({"block_begin", "variable_begin", "linestatement_begin"})
# Seen from the end of a tag.
_NESTING = {")": 1, "]": 1, "}": 1, "(": -1, "[": -1, "{": -1}
_ENDS = frozenset({"block_end", "variable_end", "linestatement_end"})


class Token(NamedTuple):
    """A token of a template: from where to where it is written, its kind, and what is written."""

    start: int
    end: int
    kind: str
    written: str


class Tokens:
    """The tokens of one template, and the places of the names and texts among them.

    Args:
        text: The template.
        environment: Its delimiters.
        tokens: What it consists of, where that is not what the lexer says: it was repaired.

    Attributes:
        text: The template, with one character at the end of each line.
    """

    def __init__(
        self, text: Text, environment: jinja2.Environment, tokens: Iterable[Token] | None = None
    ) -> None:
        # As the lexer divides it.
        self.text = text.with_plain_line_ends()
        self._tokens = list(_tokens(self.text.text, environment) if tokens is None else tokens)

    def __iter__(self) -> Iterator[Token]:
        """Yield them in their order."""
        return iter(self._tokens)

    def place(self, mark: int) -> Place:
        """Return the place of the token that has a mark."""
        index = self._index(mark)
        return Place.at(self.text.file, line_of(mark)) if index is None else self._at(index)

    def name_from(self, mark: int, name: str) -> Place:
        """Return a name that is written at a mark, or behind it.

        An attribute, a block, a keyword.
        """
        return self._nearest(mark, lambda token: _is_name(token, name), is_behind=False)

    def name_until(self, mark: int, name: str) -> Place:
        """Return a name that is written at a mark, or before it.

        For instance a name that is called, or has an attribute.
        """
        return self._nearest(mark, lambda token: _is_name(token, name), is_behind=True)

    def text_from(self, mark: int, value: str) -> Place:
        """Return a text in quotes that is written at a mark, or behind it.

        The place inside the quotes.
        """
        return self._nearest(mark, lambda token: _is_text(token, value), is_behind=False)

    def inside(self, mark: int, start: int, end: int) -> Place:
        """Return a part of the text outside tags that has a mark, by offsets in it."""
        index = self._index(mark)
        if index is None:
            return Place.at(self.text.file, line_of(mark))
        offset = self._tokens[index].start
        return self.text.place(offset + start, offset + end)

    def argument(self, mark: int, name: str) -> Place:
        """Return the name of an argument whose value has a mark: `id` of `id=note.id`."""
        index = self._index(mark)
        depth = 0
        for number in range((index or 0) - 1, -1, -1):
            token = self._tokens[number]
            if token.kind in _BEGINS:
                break
            depth += _NESTING.get(token.written, 0) if token.kind == "operator" else 0
            # The value may be in parentheses, and its mark inside them.
            if depth <= 0 and token.written == "=" and token.kind == "operator":
                return self.name_until(earlier(mark, (index or 0) - number), name)
        return self.place(mark)

    def argument_of(self, mark: int, name: str) -> Place:
        """Return the name of an argument of the call whose parenthesis has a mark."""
        index = self._index(mark)
        depth = 0
        for number in range(index or 0, self._end_of_tag(index or 0)):
            token = self._tokens[number]
            depth -= _NESTING.get(token.written, 0) if token.kind == "operator" else 0
            if depth == 1 and _is_name(token, name) and self._follows(number, "="):
                return self._at(number)
        return self.called(mark)

    def _follows(self, index: int, written: str) -> bool:
        """Return whether something follows a token, with or without blanks."""
        for token in self._tokens[index + 1 :]:
            if token.kind != "whitespace":
                return token.written == written
        return False

    def called(self, mark: int) -> Place:
        """Return the name right before the parenthesis that has a mark."""
        index = self._index(mark)
        for number in range((index or 0) - 1, -1, -1):
            if self._tokens[number].kind == "name":
                return self._at(number)
            if self._tokens[number].kind != "whitespace":
                break
        return self.place(mark)

    def tag(self, mark: int) -> Place:
        """Return the whole tag that holds a mark: `{% ... %}`, `{{ ... }}`."""
        index = self._index(mark)
        if index is None:
            return self.place(mark)
        first = next((n for n in range(index, -1, -1) if self._tokens[n].kind in _BEGINS), index)
        last = min(self._end_of_tag(index), len(self._tokens) - 1)
        return self.text.place(self._tokens[first].start, self._tokens[last].end)

    def inside_tag(self, mark: int) -> Place:
        """Return what is written in the tag that holds a mark, without its delimiters."""
        index = self._index(mark)
        if index is None:
            return self.place(mark)
        first, last = self._begin_of_tag(index) + 1, self._end_of_tag(index) - 1
        while first < last and self._tokens[first].kind == "whitespace":
            first += 1
        while last > first and self._tokens[last].kind == "whitespace":
            last -= 1
        return self.text.place(self._tokens[first].start, self._tokens[last].end)

    def tags(self) -> Iterator[Place]:
        """All tags that hold statements or expressions."""
        begin = 0
        for token in self._tokens:
            if token.kind in _BEGINS:
                begin = token.start
            elif token.kind in _ENDS:
                yield self.text.place(begin, token.end)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Yield the text of each comment, and its offset."""
        for token in self._tokens:
            if token.kind in ("comment", "linecomment"):
                yield token.start, token.written

    def names_of_tag(self, mark: int) -> list[tuple[str, Place]]:
        """Return the names in a tag from a mark on, the tag's own words among them."""
        index = self._index(mark)
        if index is None:
            return []
        numbers = range(index, self._end_of_tag(index))
        tokens = ((number, self._tokens[number]) for number in numbers)
        return [
            (token.written, self._at(number)) for number, token in tokens if token.kind == "name"
        ]

    def names_behind(self, word: str) -> Iterator[tuple[str, Place]]:
        """Yield the names that follow a word of a tag: `title` of `{% endblock title %}`."""
        before = ""
        for number, token in enumerate(self._tokens):
            if token.kind == "name" and before == word:
                yield token.written, self._at(number)
            if token.kind != "whitespace":
                before = token.written

    def owner_of(self, mark: int) -> str:
        """Return the name that is written right before the dot of a mark; "" for anything else."""
        index = self._index(mark)
        before = [
            token
            for token in self._tokens[max((index or 0) - 4, 0) : index]
            if token.kind != "whitespace"
        ]
        is_attribute = len(before) > 1 and before[-2].written == "."
        is_name = bool(before) and before[-1].kind == "name"
        return before[-1].written if is_name and not is_attribute else ""

    def _index(self, mark: int) -> int | None:
        number = number_of(mark) - 1
        return number if 0 <= number < len(self._tokens) else None

    def _at(self, index: int) -> Place:
        token = self._tokens[index]
        inner = 1 if token.kind == "string" else 0
        return self.text.place(token.start + inner, token.end - inner)

    def _nearest(self, mark: int, matches: Callable[[Token], bool], *, is_behind: bool) -> Place:
        """Return the nearest token that matches: in the tag of the mark, or else behind that tag.

        The latter is for `{% trans %}`, whose names are in the text of its body.
        """
        index = self._index(mark)
        if index is None:
            return self.place(mark)
        behind = range(index, self._begin_of_tag(index), -1)
        ahead = range(index, len(self._tokens))
        here = range(index, self._end_of_tag(index))
        for numbers in (behind, ahead) if is_behind else (here, behind, ahead):
            for number in numbers:
                if matches(self._tokens[number]):
                    return self._at(number)
        return self._at(index)

    def _begin_of_tag(self, index: int) -> int:
        while index > 0 and self._tokens[index].kind not in _BEGINS:
            index -= 1
        return index

    def _end_of_tag(self, index: int) -> int:
        while index < len(self._tokens) and self._tokens[index].kind not in _ENDS:
            index += 1
        return index


def _tokens(source: str, environment: jinja2.Environment) -> Iterable[Token]:
    """Yield the tokens with their offsets, as far as the text can be divided into them."""
    if environment.preprocess(source) != source:
        return  # an extension has written another text, and no offset is one of this
    position = 0
    try:
        for _, kind, written in environment.lexer.tokeniter(source, None):
            # What the lexer leaves out, because a tag says so, is nothing but white space.
            start = source.find(written, position)
            position = start + len(written)
            yield Token(start, position, kind, written)
    except jinja2.TemplateSyntaxError:
        return


def _is_name(token: Token, name: str) -> bool:
    return token.kind == "name" and token.written == name


def _is_text(token: Token, value: str) -> bool:
    return token.kind == "string" and token.written[1:-1] == value


def place_in(tokens: Tokens, node: nodes.Node) -> Place:
    """Return what a problem of a node points at: the name in it, or the text in quotes."""
    mark = node.lineno
    match node:
        case nodes.Getattr():
            return tokens.name_from(mark, node.attr)
        case nodes.Test() | nodes.Block() | nodes.Macro():
            return tokens.name_from(mark, node.name)
        case nodes.Filter() | nodes.Name():
            return tokens.name_from(mark, node.name.partition(".")[0])
        case nodes.Keyword():
            return tokens.argument(mark, node.key)
        case nodes.Call():
            return tokens.called(mark)
    return tokens.place(mark)
