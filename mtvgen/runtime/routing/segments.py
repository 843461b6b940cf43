"""Segments: the parts between the slashes of a pattern: text, a parameter, or both."""

from __future__ import annotations

import re
from functools import lru_cache
from keyword import iskeyword
from typing import NamedTuple

from mtvgen.runtime.routing.converters import CONVERTERS, Converter
from mtvgen.runtime.routing.errors import RouteSyntaxError
from mtvgen.runtime.support.suggestions import did_you_mean

# How specific a segment is. A segment that is one parameter has the rank of its converter, 1 to 4.
LITERAL = 0
MIXED = 0.5  # text next to a parameter
MIXED_PATH = 0.75  # text next to a <path:...>
PATH = CONVERTERS["path"].rank
END = 9  # behind the last segment: of two patterns that are alike so far, the longer wins

_PARAMETER = re.compile("<([^<>]*)>")


class Parameter(NamedTuple):
    """A `<converter:name>` of a pattern."""

    name: str
    converter: Converter


class Segment(NamedTuple):
    """The part between two slashes of a pattern.

    Attributes:
        text: As it was written: `a-<int:x>.html`.
        parts: Its text and its parameters, in turn: `("a-", Parameter("x", int), ".html")`.
        parameters: The parameters alone.
        rank: How specific it is; the lower, the more.
        signature: The text without the parameters' names: `a-<int>.html`.
        template: The text for the `%` operator: `a-%s.html`.
    """

    text: str
    parts: tuple[str | Parameter, ...]
    parameters: tuple[Parameter, ...]
    rank: float
    signature: str
    template: str


# The segments of a site's patterns are mostly the same few, such as "api" and "<int:id>".
@lru_cache(maxsize=1024)
def parse_segment(text: str) -> Segment:
    """Read one segment.

    Raises:
        RouteSyntaxError: It is not valid; the message leaves the pattern to be named by the caller.
    """
    if "<" not in text and ">" not in text:
        return Segment(text, (text,), (), LITERAL, text, text.replace("%", "%%"))
    # Text and what is in <...>, in turn; the first and the last are text, maybe empty.
    pieces = _PARAMETER.split(text)
    if any("<" in piece or ">" in piece for piece in pieces[::2]):
        raise RouteSyntaxError(f"{text!r} has a '<' or '>' alone; a parameter is written <name>")
    if "" in pieces[2:-1:2]:
        raise RouteSyntaxError(f"{text!r} has no text between its parameters to tell them apart")
    parts = tuple(
        [_parameter(piece) if i % 2 else piece for i, piece in enumerate(pieces) if i % 2 or piece]
    )
    parameters = tuple([part for part in parts if isinstance(part, Parameter)])
    signature = "".join([p if isinstance(p, str) else f"<{p.converter.name}>" for p in parts])
    template = "".join([p.replace("%", "%%") if isinstance(p, str) else "%s" for p in parts])
    return Segment(text, parts, parameters, _rank(parts, parameters), signature, template)


def _parameter(text: str) -> Parameter:
    converter, colon, name = text.rpartition(":")
    if not colon:
        converter = "str"
    if converter not in CONVERTERS:
        swapped = f" Did you mean <{name}:{converter}>?" if name in CONVERTERS else ""
        meant = (swapped or did_you_mean(converter, CONVERTERS)).lstrip()
        known = f"Known: {', '.join(sorted(CONVERTERS))}."
        raise RouteSyntaxError(
            f"no converter {converter!r}.",
            advice=f"{meant} {known}" if meant else known,
            kind="converter",
        )
    if not name.isidentifier() or iskeyword(name):
        raise RouteSyntaxError(f"{name!r} is not a name for a parameter of a function")
    if name == "request":
        raise RouteSyntaxError("a parameter can't be called 'request': a view gets the request so")
    return Parameter(name, CONVERTERS[converter])


def _rank(parts: tuple[str | Parameter, ...], parameters: tuple[Parameter, ...]) -> float:
    ranks = [converter.rank for _, converter in parameters]
    if len(parts) == 1:
        return ranks[0]
    return MIXED_PATH if PATH in ranks else MIXED
