"""One tag by itself: whether it makes sense, and as much of a half-typed one as does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import jinja2
from jinja2 import nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from mtvgen.checks.templates.parsing.marks import marked, number_of
from mtvgen.checks.templates.parsing.tags import Sort
from mtvgen.checks.templates.parsing.tokens import Token

# Kind and text of a token, as the lexer gives them.
Written: TypeAlias = tuple[str, str]

# A value of which nothing is known, in the place of an expression that is missing.
_HOLE: tuple[Written, ...] = (
    ("operator", "{"),
    ("integer", "0"),
    ("operator", ":"),
    ("integer", "0"),
    ("operator", "}"),
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Beginnings of one tag that are parsed. In a longer one the search begins where the parser has
# stopped, which is not always behind what makes sense.
_MAX_TRIES = 12

# The tags of Jinja2's own with an end, and what is left of them where nothing in them makes sense.
_CALLED: tuple[Written, ...] = (("operator", "("), ("operator", ")"))
UNNAMED = "_unnamed"
_SKELETONS: dict[str, tuple[Written, ...]] = {
    "if": _HOLE,
    "for": (("name", "_"), ("name", "in"), *_HOLE),
    "block": (("name", UNNAMED),),
    "macro": (("name", UNNAMED), *_CALLED),
    "call": (*_HOLE, *_CALLED),
    "filter": (("name", "string"),),
    "with": (),
    "autoescape": (("name", "true"),),
    "trans": (),
}
_WITHOUT_END = frozenset({"extends", "include", "import", "from", "do", "print", "debug"})
_MIDDLES = frozenset({"else", "elif", "pluralize"})
# What may complete a beginning, besides nothing and a value.
_COMPLETIONS: dict[str, tuple[Written, ...]] = {
    "for": (("name", "in"), *_HOLE),
    "set": (("operator", "="), *_HOLE),
    "with": (("operator", "="), *_HOLE),
    "macro": _CALLED,
    "call": _CALLED,
}


class Tag(NamedTuple):
    """A tag, or as much of it as makes sense.

    Attributes:
        word: Its first name; empty in `{{ }}`, and for unknown ones.
        tokens: Its tokens, with offsets from its beginning; what was added has no width.
        is_whole: Whether it makes sense as it is written.
        opens: Whether it has an end tag.
    """

    word: str
    tokens: tuple[Token, ...]
    is_whole: bool
    opens: bool = False


def parse_tokens(
    environment: jinja2.Environment, tokens: Iterable[tuple[int, str, str]]
) -> nodes.Template:
    """Return the tree of tokens: the mark of each, its kind and its text.

    Raises:
        TemplateSyntaxError: Its `lineno` is a mark.
    """
    parser = Parser(environment, "")
    stream = TokenStream(environment.lexer.wrap(tokens), None, None)
    for extension in environment.iter_extensions():
        filtered: Any = extension.filter_stream(stream)
        is_stream = isinstance(filtered, TokenStream)
        stream = filtered if is_stream else TokenStream(filtered, None, None)
    parser.stream = stream
    return parser.parse()


def parses(environment: jinja2.Environment, text: str, sort: Sort) -> bool:
    """Return whether a tag makes sense as it is written."""
    return read_tag(environment, text, sort).is_whole


@lru_cache(maxsize=16_384)
def read_tag(environment: jinja2.Environment, text: str, sort: Sort) -> Tag:
    """Return a tag, repaired if it makes no sense by itself."""
    tokens, is_lexed = _lexed(environment, text)
    begin, ends = tokens[0], [token for token in tokens[-1:] if token.kind.endswith("_end")]
    body = tokens[1 : len(tokens) - len(ends)]
    end = ends[0] if ends else Token(len(text), len(text), f"{sort}_end", "")
    tag = _Tag(environment, begin, end)
    if sort == "variable":
        return tag.variable(body, is_whole=is_lexed and bool(ends))
    return tag.block(body, is_whole=is_lexed and bool(ends))


def _lexed(environment: jinja2.Environment, text: str) -> tuple[list[Token], bool]:
    """Return the tokens of a tag, as far as it can be divided into them, and whether it can."""
    tokens: list[Token] = []
    position = 0
    try:
        for _, kind, written in environment.lexer.tokeniter(text, None):
            if kind == "data" and not written:
                continue
            start = text.find(written, position)
            position = start + len(written)
            tokens.append(Token(start, position, kind, written))
    except jinja2.TemplateSyntaxError:
        return tokens, False
    return tokens, True


class _Tag:
    """One tag on its way.

    Args:
        environment: Whose tags they are.
        begin: What begins it.
        end: What ends it.
    """

    def __init__(self, environment: jinja2.Environment, begin: Token, end: Token) -> None:
        self._environment = environment
        self._begin = begin
        self._end = end

    def variable(self, body: Sequence[Token], *, is_whole: bool) -> Tag:
        failed_at = self._failure(body, ())
        if failed_at is None and is_whole:
            return self._tag("", body, is_whole=True)
        kept = self._longest(body, failed_at, ((), _HOLE), "", opens=False)
        return self._tag("", kept) if kept else Tag("", (), is_whole=False)

    def block(self, body: Sequence[Token], *, is_whole: bool) -> Tag:
        written = [token for token in body if token.kind != "whitespace"]
        word = written[0].written if written and written[0].kind == "name" else ""
        if word.startswith("end") or word in _MIDDLES - {"elif"}:
            return self._short(word, written, is_whole=is_whole)
        for opens in self._may_open(word):
            if is_whole and self._failure(body, self._end_of(word, opens=opens)) is None:
                return self._tag(word, body, is_whole=True, opens=opens)
        if not self._is_known(word):
            return Tag("", (), is_whole=False)
        return self._repaired(word, body)

    def _short(self, word: str, written: list[Token], *, is_whole: bool) -> Tag:
        """Return an end or a middle, which has a name behind it at most."""
        may_be_named = word in ("endblock", "pluralize")
        is_whole = is_whole and len(written) <= 1 + may_be_named
        kept = written[: 1 + (may_be_named and is_whole)]
        return self._tag(word, kept, is_whole=is_whole)

    def _repaired(self, word: str, body: Sequence[Token]) -> Tag:
        completions = ((), _HOLE, _COMPLETIONS[word]) if word in _COMPLETIONS else ((), _HOLE)
        opens = word in _SKELETONS
        failed_at = self._failure(body, self._end_of(word, opens=opens))
        kept = self._longest(body, failed_at, completions, word, opens=opens)
        if kept:
            return self._tag(word, kept, opens=opens)
        if not opens and word != "elif":
            return Tag(word, (), is_whole=False)
        first = [token for token in body if token.kind == "name"][:1]
        return self._tag(word, _with(first, _SKELETONS.get(word, _HOLE)), opens=opens)

    def _longest(
        self,
        body: Sequence[Token],
        failed_at: int | None,
        completions: Iterable[tuple[Written, ...]],
        word: str,
        *,
        opens: bool,
    ) -> list[Token]:
        """Return the longest beginning that makes sense, completed; empty if none does."""
        tail = self._end_of(word, opens=opens)
        is_long = failed_at is not None and len(body) > _MAX_TRIES
        longest = min(failed_at or 0, len(body)) if is_long else len(body)
        tries = 0
        for length in range(longest, 0, -1):
            kept = list(body[:length])
            if kept[-1].kind == "whitespace":
                continue
            for completion in completions:
                completed = _with(kept, (*completion, *_closing(kept)))
                if self._failure(completed, tail) is None:
                    return completed
            tries += 1
            if tries == _MAX_TRIES:
                break
        return []

    def _failure(self, body: Sequence[Token], tail: Sequence[Written]) -> int | None:
        """Return the number of the token that the parser does not take; None if it takes all."""
        written = [(token.kind, token.written) for token in (self._begin, *body, self._end)]
        if len(written) > 2 and _word(body) == "elif":
            first = next(number for number, (kind, _) in enumerate(written) if kind == "name")
            written[first] = ("name", "if")
        try:
            parse_tokens(self._environment, marked((1, *token) for token in (*written, *tail)))
        except jinja2.TemplateSyntaxError as error:
            return max(number_of(error.lineno) - 1, 0)
        except RecursionError:
            return 0
        return None

    def _may_open(self, word: str) -> tuple[bool, ...]:
        if word == "elif" or word in _SKELETONS:
            return (True,)
        return (False,) if not word or word in _WITHOUT_END else (False, True)

    def _end_of(self, word: str, *, opens: bool) -> tuple[Written, ...]:
        if not opens and word != "elif":
            return ()
        name = "endif" if word == "elif" else f"end{word}"
        return (("block_begin", ""), ("name", name), ("block_end", ""))

    def _is_known(self, word: str) -> bool:
        known = {*_SKELETONS, *_WITHOUT_END, "elif", "set"}
        return word in known or any(
            word in extension.tags for extension in self._environment.iter_extensions()
        )

    def _tag(
        self, word: str, body: Sequence[Token], *, is_whole: bool = False, opens: bool = False
    ) -> Tag:
        return Tag(word, (self._begin, *body, self._end), is_whole, opens)


def as_assignment(tag: Tag) -> Tag:
    """Return `{% set x %}` whose end is nowhere: an assignment without a value as yet."""
    *kept, end = tag.tokens
    return Tag(tag.word, (*_with(kept, _COMPLETIONS["set"]), end), is_whole=False)


def _word(body: Sequence[Token]) -> str:
    return next((token.written for token in body if token.kind == "name"), "")


def _with(kept: Sequence[Token], added: Iterable[Written]) -> list[Token]:
    """Return tokens with some more, which are written nowhere."""
    end = kept[-1].end if kept else 0
    return [*kept, *(Token(end, end, kind, written) for kind, written in added)]


def _closing(tokens: Iterable[Token]) -> list[Written]:
    """Return the brackets that some tokens leave open."""
    waiting: list[str] = []
    for token in tokens:
        if token.kind == "operator" and token.written in _CLOSING:
            waiting.append(_CLOSING[token.written])
        elif token.kind == "operator" and waiting and token.written == waiting[-1]:
            waiting.pop()
    return [("operator", bracket) for bracket in reversed(waiting)]
