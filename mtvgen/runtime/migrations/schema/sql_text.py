"""SQL as tokens: enough to cut a statement into its parts and to compare two spellings of one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy.dialects.postgresql.base import PGDialect, PGIdentifierPreparer
from sqlalchemy.dialects.sqlite.base import SQLiteIdentifierPreparer
from sqlalchemy.engine import Dialect


class Token(NamedTuple):
    """A word, a sign or a literal of SQL.

    Attributes:
        kind: `space` (comments too), `string`, `quoted` (a name), `number`, `word` or `sign`.
        text: As it is written.
        start: Where it begins.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it has ended."""
        return self.start + len(self.text)

    @property
    def name(self) -> str:
        """The name that it stands for, without its quotes."""
        if self.kind != "quoted":
            return self.text
        close = "]" if self.text[0] == "[" else self.text[0]
        return self.text[1:-1].replace(close * 2, close)

    def is_word(self, *words: str) -> bool:
        """Return whether it is one of these keywords."""
        return self.kind == "word" and self.text.upper() in words


# https://sqlite.org/lang_keywords.html: names are quoted in four ways.
_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<string> [xX]?'(?:[^']|'')*' )
  | (?P<quoted> "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] )
  | (?P<number> 0[xX][0-9a-fA-F]+ | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<word> [A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]* )
  | (?P<sign> \|\|?|<>|<<|<=|>>|>=|==|!=|->>|->|::|. )
    """,
    re.X | re.S,
)


def tokens_of(sql: str) -> list[Token]:
    """Every token of a statement; together they are the whole text."""
    return list(_tokens(sql))


# A statement is read piece by piece, and what the database holds is mostly what the models say.
@lru_cache(maxsize=4096)
def _tokens(sql: str) -> tuple[Token, ...]:
    return tuple(Token(str(m.lastgroup), m[0], m.start()) for m in _TOKEN.finditer(sql))


def meaningful(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens without blanks and comments."""
    return [token for token in tokens if token.kind != "space"]


def closing(tokens: list[Token], opening: int) -> int:
    """Return the position of the bracket that closes the one at a position."""
    depth = 0
    for position in range(opening, len(tokens)):
        depth += (tokens[position].text == "(") - (tokens[position].text == ")")
        if depth == 0:
            return position
    raise ValueError("a bracket is never closed")


@lru_cache(maxsize=4096)
def normal(sql: str) -> str:
    """One spelling for all that mean the same: blanks, case of words, quotes, outer brackets."""
    tokens = meaningful(tokens_of(sql))
    while tokens and tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return " ".join(map(_spelled, tokens))


def _spelled(token: Token) -> str:
    # SQLite takes names of either case for the same.
    if token.kind in ("word", "quoted"):
        return token.name.lower()
    return token.text.upper() if token.kind == "number" else token.text


def words_in(sql: str) -> set[str]:
    """Every name that a piece of SQL mentions, in lower case."""
    return {token.name.lower() for token in tokens_of(sql) if token.kind in ("word", "quoted")}


def rename_word(sql: str, old: str, new: str) -> str:
    """Return a piece of SQL in which a name is another one."""
    return "".join(
        quoted(new)
        if token.kind in ("word", "quoted") and token.name.lower() == old.lower()
        else token.text
        for token in tokens_of(sql)
    )


def for_reading(dialect: Dialect) -> Dialect:
    """Return a database's way of writing, without what its driver needs: each % written twice."""
    if dialect.name != "postgresql":
        return dialect
    made: Any = PGDialect
    return made(paramstyle="named")  # type: ignore[no-any-return]  # SQLAlchemy has no types for it


def sql_of(expression: Any, dialect: Dialect) -> str:
    """Return an expression of SQLAlchemy, as a database writes it in a definition."""
    options = {"literal_binds": True, "include_table": False}
    return str(expression.compile(dialect=for_reading(dialect), compile_kwargs=options))


_KEYWORDS = SQLiteIdentifierPreparer.reserved_words | PGIdentifierPreparer.reserved_words


def quoted(name: str) -> str:
    """Return a name as SQL writes it, in quotes where it needs them."""
    if re.fullmatch("[a-z_][a-z0-9_]*", name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
