"""Half-typed templates, repaired tag by tag, so that the rest of the file stays known.

A tag that makes no sense by itself keeps the longest beginning that does; a broken beginning of a
block stays one, ends that nothing began are left out, and what is open is closed before the next
end around it. All else keeps its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import jinja2
from jinja2 import nodes

from mtvgen.checks.places import Place, Text
from mtvgen.checks.templates.parsing.half_typed import (
    UNNAMED,
    Tag,
    Written,
    as_assignment,
    parse_tokens,
    parses,
    read_tag,
)
from mtvgen.checks.templates.parsing.marks import marked
from mtvgen.checks.templates.parsing.tags import Piece, cut
from mtvgen.checks.templates.parsing.tokens import Token
from mtvgen.records import record

_BIND_NOTHING = frozenset(
    {"if", "elif", "else", "endif", "endfor", "endblock", "endmacro", "endcall", "endwith"}
    | {"filter", "endfilter", "autoescape", "endautoescape", "include", "extends", "do", "trans"}
)
# What loops and macros give a value without naming it.
_IMPLICIT = frozenset({"loop", "caller", "varargs", "kwargs"})
_WORD = re.compile(r"[^\W\d]\w*")


@record(frozen=True)
class RepairedTag:
    """A tag that is not as it was written.

    Attributes:
        place: The tag.
        may_bind: The names that it may have given a value, and now does not: those in it.
        may_bind_others: Whether it may have been the beginning of a block whose end is written, so
            that the names behind it may have had a value whatever they are.
        body: What is between the beginning of a block, or what may be one, and its end, where that
            is written.
    """

    place: Place
    may_bind: frozenset[str] = frozenset()
    may_bind_others: bool = False
    body: Place | None = None


@record(frozen=True)
class Repaired:
    """A template that was repaired.

    Attributes:
        root: Jinja2's tree.
        tokens: The tokens that it was made of.
        tags: What was repaired.
    """

    root: nodes.Template
    tokens: tuple[Token, ...]
    tags: tuple[RepairedTag, ...]


def repaired(text: Text, environment: jinja2.Environment) -> Repaired | None:
    """Return a template that Jinja2 does not parse; None if it can't be repaired.

    Args:
        text: The template, with one character at the end of each line.
        environment: The project's.
    """
    source = text.text
    if environment.preprocess(source) != source:
        return None  # an extension has written another text, and no offset is one of this
    repair = _Repair(text, environment)
    for piece in cut(source, environment, partial(parses, environment)):
        repair.add(piece)
    repair.close(len(source))
    tokens = marked(
        (text.line_at(token.start), token.kind, token.written) for token in repair.tokens
    )
    try:
        root = parse_tokens(environment, tokens)
    except (jinja2.TemplateSyntaxError, RecursionError):
        return None
    return Repaired(root, tuple(repair.tokens), repair.repaired_tags())


@dataclass
class _Open:
    """A tag that waits for its end; a block has a name, too."""

    word: str
    name: str
    start: int
    has_else: bool = False


@dataclass
class _Repair:
    """Puts the pieces together again."""

    text: Text
    environment: jinja2.Environment
    tokens: list[Token] = field(default_factory=list)
    tags: list[RepairedTag] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    # Where each tag ends whose end is written, and the ends that nothing began.
    ended: dict[int, int] = field(default_factory=dict)
    loose_ends: list[int] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        written = self.text.text[piece.start : piece.end]
        if piece.sort == "data":
            self.tokens.append(Token(piece.start, piece.end, "data", written))
        elif piece.sort in ("comment", "raw"):
            self._add_unread(piece, written)
        else:
            tag = read_tag(self.environment, written, piece.sort)
            if tag.word == "set" and tag.opens and self.text.text.find("endset", piece.end) < 0:
                tag = as_assignment(tag)
            is_taken = self._add_tag(tag, piece)
            if tag.word.startswith("end") and not is_taken:
                self.loose_ends.append(piece.start)
            if not tag.is_whole or not is_taken:
                binds = piece.sort == "block" and tag.word not in _BIND_NOTHING
                may_bind = _IMPLICIT.union(_WORD.findall(written)) if binds else frozenset()
                place = self.text.place(piece.start, piece.end)
                self.tags.append(RepairedTag(place, may_bind))

    def repaired_tags(self) -> tuple[RepairedTag, ...]:
        """Return what was repaired, now that it is known which blocks have their ends."""
        return tuple(map(self._in_its_block, self.tags))

    def _in_its_block(self, tag: RepairedTag) -> RepairedTag:
        start, inside = (self.text.offset(*place) for place in (tag.place[1:3], tag.place[3:5]))
        loose = next((end for end in self.loose_ends if end >= inside and tag.may_bind), None)
        end = self.ended.get(start, loose)
        body = self.text.place(inside, end) if end is not None else None
        is_beginning = bool(self.loose_ends) or start in self.ended
        return replace(tag, may_bind_others=bool(tag.may_bind) and is_beginning, body=body)

    def _add_unread(self, piece: Piece, written: str) -> None:
        """Add a comment, or what is not to be looked into."""
        if piece.sort == "raw":
            self.tokens.append(Token(piece.start, piece.end, "data", written))
            return
        start, end = piece.start, piece.end
        if piece.is_closed:
            end -= len(self.environment.comment_end_string)
        start += len(self.environment.comment_start_string)
        text = self.text.text
        self.tokens += [
            Token(piece.start, start, "comment_begin", text[piece.start : start]),
            Token(start, end, "comment", text[start:end]),
            Token(end, piece.end, "comment_end", text[end : piece.end]),
        ]

    def _add_tag(self, tag: Tag, piece: Piece) -> bool:
        """Add a tag where it has a place; returns whether it has."""
        if not tag.tokens:
            return False
        if tag.word.startswith("end"):
            return self._add_end(tag, piece)
        if tag.word in ("else", "elif", "pluralize"):
            is_taken = self._goes_on(tag.word)
        else:
            # Nothing but names may be in a text to translate.
            is_name = piece.sort == "variable" and len(_names(tag)) == 1
            is_taken = is_name or not self._is_in("trans")
            if is_taken and tag.opens:
                names = [token.written for token in _names(tag)]
                name = names[1] if tag.word == "block" else ""
                self.open.append(_Open(tag.word, name, piece.start))
        if is_taken:
            self._write(tag.tokens, piece.start)
        return is_taken

    def _add_end(self, tag: Tag, piece: Piece) -> bool:
        names = [token.written for token in _names(tag)]
        name = names[1] if len(names) > 1 else ""
        is_named = bool(name) and self._close_up_to(tag.word, name, piece.start)
        if not is_named and not self._close_up_to(tag.word, "", piece.start):
            return False
        tokens = tag.tokens
        if name and not is_named:  # another one than that of the block
            tokens = tuple(token for token in tokens if token.written != name)
        self._write(tokens, piece.start)
        return tokens is tag.tokens

    def _write(self, tokens: Iterable[Token], start: int) -> None:
        for token in tokens:
            name = f"{UNNAMED}{start}" if token.written == UNNAMED else token.written
            self.tokens.append(Token(token.start + start, token.end + start, token.kind, name))

    def _is_in(self, word: str) -> bool:
        return bool(self.open) and self.open[-1].word == word

    def _goes_on(self, word: str) -> bool:
        """Return whether an `else`, an `elif` or a `pluralize` can be here."""
        if word == "pluralize" or not self.open:
            return self._is_in("trans") and word == "pluralize"
        around = self.open[-1]
        if around.has_else or around.word not in (("if",) if word == "elif" else ("if", "for")):
            return False
        around.has_else = word == "else"
        return True

    def _close_up_to(self, word: str, name: str, offset: int) -> bool:
        """Close what is open inside the tag that an end belongs to, if there is one."""
        for inside, waiting in enumerate(reversed(self.open)):
            if word == f"end{waiting.word}" and name in ("", waiting.name):
                self.close(offset, inside)
                self.ended[self.open.pop().start] = offset
                return True
        return False

    def close(self, offset: int, count: int | None = None) -> None:
        """Write the ends of what is open, from the inside; of all if no number is given."""
        for _ in range(len(self.open) if count is None else count):
            word = self.open.pop().word
            end: tuple[Written, ...] = (
                ("block_begin", ""),
                ("name", f"end{word}"),
                ("block_end", ""),
            )
            self.tokens += [Token(offset, offset, kind, written) for kind, written in end]


def _names(tag: Tag) -> list[Token]:
    """Return the tokens between the two ends of a tag, without blanks."""
    return [token for token in tag.tokens[1:-1] if token.kind != "whitespace"]
