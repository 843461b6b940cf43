"""The tags of a template, cut apart where Jinja2's lexer gives up because one is half-typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import jinja2
from jinja2.lexer import compile_rules

Sort: TypeAlias = Literal["data", "comment", "raw", "variable", "block"]


class Piece(NamedTuple):
    """A piece of a template, by its offsets.

    Attributes:
        sort: What it is.
        start: Where it begins.
        end: Where it ends; that of a tag that is not closed is a guess.
        is_closed: Whether the end is written there.
    """

    sort: Sort
    start: int
    end: int
    is_closed: bool = True


# Says whether a closed tag makes sense by itself.
Parses: TypeAlias = Callable[[str, Sort], bool]

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
# What nobody writes into a tag of several lines, and many behind one that was not closed.
_BEHIND_A_TAG = re.compile(r"[<;]")
# Characters that are searched for the end of a tag with the beginning of another one in it.
_MAX_SEARCHED = 2_000
_RAW = "raw_begin"


def cut(text: str, environment: jinja2.Environment, parses: Parses) -> Iterator[Piece]:
    """Yield the pieces of a template, one behind the other.

    A tag that is not closed ends where the next one begins, or else its line does.
    """
    position, rules = 0, _rules(environment)
    while opener := rules.opener.search(text, position):
        if opener.start() > position:
            yield Piece("data", position, opener.start())
        piece = _piece(text, opener, rules, parses)
        yield piece
        position = piece.end
    if position < len(text):
        yield Piece("data", position, len(text))


class _Rules(NamedTuple):
    """How an environment writes its tags.

    Attributes:
        opener: Matches the beginning of what is not text, in a group of its kind.
        any_begin: Matches the beginning of a tag or a comment in a tag.
        comment_end: What ends a comment.
        raw_end: Matches the end of what is not looked into.
        inside: For each kind of tag: strings, brackets, and in the group `end` what ends it.
    """

    opener: re.Pattern[str]
    any_begin: re.Pattern[str]
    comment_end: str
    raw_end: re.Pattern[str]
    inside: dict[str, re.Pattern[str]]


@lru_cache(maxsize=8)
def _rules(environment: jinja2.Environment) -> _Rules:
    block, block_end = map(
        re.escape, (environment.block_start_string, environment.block_end_string)
    )
    raw = rf"(?P<{_RAW}>{block}[-+]?\s*raw\s*-?{block_end})"
    # As the lexer has them: the longest first.
    openers = "|".join([raw, *(f"(?P<{kind}>{rule})" for kind, rule in compile_rules(environment))])
    begins = (
        environment.block_start_string,
        environment.variable_start_string,
        environment.comment_start_string,
    )
    ends = {
        "block_begin": block_end,
        "variable_begin": re.escape(environment.variable_end_string),
    }
    return _Rules(
        re.compile(openers, re.MULTILINE),
        re.compile("|".join(map(re.escape, begins))),
        environment.comment_end_string,
        re.compile(rf"{block}[-+]?\s*endraw\s*[-+]?{block_end}"),
        {
            kind: re.compile(rf"(?P<end>{end})|{_STRING}|[\[\](){{}}]", re.DOTALL)
            for kind, end in ends.items()
        },
    )


def _piece(text: str, opener: re.Match[str], rules: _Rules, parses: Parses) -> Piece:
    kind, start, inside = opener.lastgroup, opener.start(), opener.end()
    if kind == "comment_begin":
        return _comment(text, start, inside, rules)
    if kind == _RAW:
        end = rules.raw_end.search(text, inside)
        return Piece("raw", start, end.end() if end else len(text), end is not None)
    if kind == "linestatement_begin":
        return Piece("block", start, _line_end(text, inside))
    if kind == "linecomment_begin":
        return Piece("comment", start, _line_end(text, inside))
    sort: Sort = "block" if kind == "block_begin" else "variable"
    return _tag(text, (start, inside), sort, rules, parses)


def _comment(text: str, start: int, inside: int, rules: _Rules) -> Piece:
    end = text.find(rules.comment_end, inside)
    other = rules.any_begin.search(text, inside)
    while other is not None and other.start() < end:
        # What is commented out may hold tags, but no comments.
        if other[0] == text[start:inside]:
            end = -1
        other = rules.any_begin.search(text, other.end())
    if end < 0:
        return Piece("comment", start, _line_end(text, inside), is_closed=False)
    return Piece("comment", start, end + len(rules.comment_end))


def _tag(text: str, begin: tuple[int, int], sort: Sort, rules: _Rules, parses: Parses) -> Piece:
    start, inside = begin
    pattern = rules.inside[f"{sort}_begin"]
    other = rules.any_begin.search(text, inside)
    limit = other.start() if other else len(text)
    end = _end(text, inside, limit, pattern)
    if end is None and limit < len(text):
        # A text in quotes may hold what begins a tag.
        end = _end(text, inside, min(inside + _MAX_SEARCHED, len(text)), pattern)
        if end is not None and not parses(text[start:end], sort):
            end = None
    if end is None:
        # The quote or the bracket that hides the end may be what is half-typed.
        closing = re.compile(pattern.pattern.partition("|")[0]).search(text, inside, limit)
        end = closing.end() if closing else None
    line_end = _line_end(text, inside)
    if end is not None and line_end < end and _BEHIND_A_TAG.search(text, line_end, end):
        end = end if parses(text[start:end], sort) else None
    if end is not None:
        return Piece(sort, start, end)
    return Piece(sort, start, min(limit, line_end), is_closed=False)


def _end(text: str, position: int, limit: int, pattern: re.Pattern[str]) -> int | None:
    """Return where a tag ends, but not in a string or in brackets; None if that is nowhere."""
    depth = 0
    while position < limit and (found := pattern.search(text, position, limit)):
        position = found.end()
        if found.lastgroup == "end" and not depth:
            return position
        if found.lastgroup == "end" and found[0][0] in ")]}":
            position = found.start() + 1  # `}}` may be two brackets
            depth -= 1
        elif found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth = max(depth - 1, 0)
    return None


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)
