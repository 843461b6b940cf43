"""The five converters of `<int:id>`: text of a path in, a value for the view out, and back.

A converter never guesses: what it does not take is a ValueError, which the router reads as
"this route does not match" and `url_for` as "this value has no place in that address".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import index
from typing import Any
from uuid import UUID

from mtvgen.runtime.http.grammar import has_controls

MAX_INT = 2**63 - 1  # the largest key that a 64-bit column of a database holds
MAX_INT_DIGITS = 19  # digits of MAX_INT; longer text is refused before it is turned into a number

_MOST_SHOWN = 60  # characters; enough to recognize a value by

_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
_HEX = "[0-9a-fA-F]"
_UUID = re.compile(f"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}")


@dataclass(frozen=True, slots=True)
class Converter:
    """A converter: the text a parameter takes in a path, and the value that the view gets for it.

    Attributes:
        name: As in `<name:parameter>`.
        rank: How much it takes, 1 (little) to 4; where two routes match, the lower rank wins.
        type: Class of the values that `parse` gives.
        label: The converter in a sentence: `'abc' is not an int`.
        takes: What it takes, in words.
        characters: Regular expression of one character of its text; "" if its length is fixed.
        count: Quantifier behind `characters`, or the whole expression of a fixed length.
        parse: From text to the value; raises ValueError, without words, for any other text. Only
            that of `path` is ever given a "/".
        format: From a value to text that `parse` takes; raises ValueError for any other value.
    """

    name: str
    rank: int
    type: type
    label: str
    takes: str
    characters: str
    count: str
    parse: Callable[[str], Any]
    format: Callable[[object], str]

    @property
    def regex(self) -> str:
        """Regular expression of its text."""
        return self.characters + self.count

    def holds(self, text: str) -> bool:
        """Return whether its text could hold `text`, so that `text` does not always end it."""
        return bool(self.characters and re.fullmatch(f"{self.characters}*", text))


def text_of(value: object) -> str:
    """Return a value as text for an address: its own words, never a `<Note object at 0x...>`.

    Raises:
        ValueError: The value has no text of its own: None, bytes, a list, an object without
            `__str__`.
    """
    if isinstance(value, str):
        # The characters themselves: str() of an Enum that is a str gives the member's name.
        return str.__str__(value)
    has_words = type(value).__str__ is not object.__str__ and not isinstance(value, bytes)
    if has_words or isinstance(value, int | float):
        return str(value)
    raise ValueError


def shown(value: object) -> str:
    """Return a value in a message: its repr(), of which a long one loses its end."""
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python writes
        text = f"an {type(value).__name__} too long to write"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _parse_str(text: str) -> str:
    if not text or "\n" in text:
        raise ValueError
    return text


def _format_str(value: object) -> str:
    text = text_of(value)
    # The application answers 400 to a path with a control character.
    if not text or "/" in text or has_controls(text):
        raise ValueError
    return text


def _parse_int(text: str) -> int:
    # int() alone takes "+7", " 7 ", "1_000" and the digits of every script,
    # and needs quadratic time for long ones: so the cheap look comes first.
    if text.isascii() and text.isdecimal():
        size = len(text)
        if size < MAX_INT_DIGITS or (size == MAX_INT_DIGITS and int(text) <= MAX_INT):
            return int(text)
    raise ValueError


def _format_int(value: object) -> str:
    if isinstance(value, bool):
        raise ValueError
    try:
        number = index(value)  # type: ignore[arg-type]  # what has no __index__ is a TypeError
    except TypeError:
        number = _parse_int(text_of(value))
    if not 0 <= number <= MAX_INT:
        raise ValueError
    return str(number)


def _parse_slug(text: str) -> str:
    if _SLUG.fullmatch(text) is None:
        raise ValueError
    return text


def _format_slug(value: object) -> str:
    return _parse_slug(text_of(value))


def _parse_uuid(text: str) -> UUID:
    # UUID() alone takes braces, "urn:uuid:" and dashes anywhere: one page, many addresses.
    if _UUID.fullmatch(text) is None:
        raise ValueError
    return UUID(text)


def _format_uuid(value: object) -> str:
    return str(value if isinstance(value, UUID) else _parse_uuid(text_of(value)))


def _parse_path(text: str) -> str:
    # A leading "/" would let "/<path:rest>" make and take "//host", which is another site.
    if not text or text[0] == "/" or "\n" in text:
        raise ValueError
    return text


def _format_path(value: object) -> str:
    text = _parse_path(text_of(value))
    if has_controls(text):
        raise ValueError
    return text


CONVERTERS = {
    converter.name: converter
    for converter in (
        Converter(
            name="str",
            rank=3,
            type=str,
            label="a str",
            takes="text without '/' or control characters",
            characters=r"[^/\n]",
            count="+",
            parse=_parse_str,
            format=_format_str,
        ),
        Converter(
            name="int",
            rank=1,
            type=int,
            label="an int",
            takes=f"digits, up to {MAX_INT}",
            characters="[0-9]",
            count=f"{{1,{MAX_INT_DIGITS}}}",
            parse=_parse_int,
            format=_format_int,
        ),
        Converter(
            name="slug",
            rank=2,
            type=str,
            label="a slug",
            takes="ASCII letters, digits, '-' and '_'",
            characters="[-a-zA-Z0-9_]",
            count="+",
            parse=_parse_slug,
            format=_format_slug,
        ),
        Converter(
            name="uuid",
            rank=1,
            type=UUID,
            label="a uuid",
            takes="32 hexadecimal digits with dashes, 8-4-4-4-12",
            characters="",
            count=_UUID.pattern,
            parse=_parse_uuid,
            format=_format_uuid,
        ),
        Converter(
            name="path",
            rank=4,
            type=str,
            label="a path",
            takes="text without control characters that does not begin with '/'",
            characters=r"[^\n]",
            count="+",
            parse=_parse_path,
            format=_format_path,
        ),
    )
}
