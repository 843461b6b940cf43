"""Marks: which token of a template a node comes from, in the integer that Jinja2 calls its line.

Jinja2's parser hands the line of a token to the node that it makes, and looks at it in no other
way; so the number of the token travels along in the same integer, a mark. A mark of an environment
that does not number its tokens is a line, and its place the beginning of that line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LINE_BITS = 23  # more lines than a file may have characters


def line_of(mark: int) -> int:
    """Return the line of a mark, from 1."""
    return mark & ((1 << _LINE_BITS) - 1)


def number_of(mark: int) -> int:
    """Return the number of the token that has a mark, from 1; 0 if it is a line alone."""
    return mark >> _LINE_BITS


def marked(tokens: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield tokens with marks instead of their lines."""
    # A call for each token would take a tenth of the parser's time.
    return (
        (number << _LINE_BITS | line, kind, text)
        for number, (line, kind, text) in enumerate(tokens, 1)
    )


def earlier(mark: int, tokens: int) -> int:
    """Return a mark of so many tokens before, as if it were in the same line."""
    return mark - (tokens << _LINE_BITS)
