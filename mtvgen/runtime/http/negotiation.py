"""Content negotiation: the media type that a client prefers (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


def preferred_type(accept: str | None, offered: Iterable[str]) -> str | None:
    """Return the media type that an `Accept` field likes best, of those on offer.

    For each type its most specific range counts: `text/html;q=0.5, text/*` takes HTML with 0.5.
    Of two types that are liked alike, the one named more precisely wins, then the one named
    first by the client, then the one offered first.

    Args:
        accept: The field's value; None, for no such field, takes everything.
        offered: Media types, with parameters or without, the server's favourite first.

    Returns:
        One of `offered`, as it was written; None where the client takes none of them.
    """
    ranges = _ranges("*/*" if accept is None else accept)
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen = None
    for media_type in offered:
        liking = _liking(ranges, media_type)
        if liking is not None and liking > best:
            best, chosen = liking, media_type
    return chosen


class _Range(NamedTuple):
    """A media type with its parameters; `*` for any type or subtype."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    weight: float

    def includes(self, other: _Range) -> bool:
        return (
            self.type in ("*", other.type)
            and self.subtype in ("*", other.subtype)
            and self.parameters <= other.parameters
        )

    @property
    def precision(self) -> int:
        """`*/*` is 0, `text/*` 1, `text/html` 2, and each parameter adds one."""
        return (self.type != "*") + (self.subtype != "*") + len(self.parameters)


def _ranges(header: str) -> list[_Range]:
    return [parsed for parsed in map(_parse, header.split(",")) if parsed is not None]


def _parse(text: str) -> _Range | None:
    media_type, *parameters = text.split(";")
    kind, slash, subtype = media_type.strip().lower().partition("/")
    if not (kind and slash and subtype) or (kind == "*" and subtype != "*"):
        return None
    pairs = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        pairs[name.strip().lower()] = value.strip().strip('"').lower()
    weight = _weight(pairs.pop("q", "1"))
    return _Range(kind, subtype, frozenset(pairs.items()), weight)


def _weight(text: str) -> float:
    """Return a number from 0 to 1; anything else counts as 1, as if it had not been written."""
    # float() would take "nan", "1_0" and digits of other scripts.
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal() and len(text) <= len("0.123")):
        return 1.0
    return min(float(text), 1.0)


def _liking(ranges: list[_Range], media_type: str) -> tuple[float, int, int] | None:
    """Weight, precision and place of the range that decides; larger is better."""
    offered = _parse(media_type)
    if offered is None:
        return None
    matching = [
        (parsed.precision, -place, parsed.weight)
        for place, parsed in enumerate(ranges)
        if parsed.includes(offered)
    ]
    if not matching:
        return None
    precision, place, weight = max(matching)
    return (weight, precision, place) if weight else None
