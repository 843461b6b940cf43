"""JSON (RFC 8259): a request's text as a value, and why a value can't be written as a text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

# An escaped half of a surrogate pair: "\ud83d\ude00" is one character, "\ud83d" alone is none.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# An escaped NUL, and not a backslash before the letters "u0000".
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def decode_json(data: bytes, *, exact: bool = False) -> Any:
    """Return the value of a JSON text in UTF-8.

    Stricter than json.loads(), which takes values that fail later, when they are stored or sent:
    NaN, Infinity, numbers beyond a float, halves of surrogate pairs (RFC 7493, sections 2.1 and
    2.2), and NUL, in keys too.

    Args:
        data: The text.
        exact: Make a Decimal of each number with a fraction or an exponent, digit by digit.

    Raises:
        ValueError: It is not one, or holds such a value.
        RecursionError: It is nested deeper than Python goes.
    """
    text = data.decode()
    value = _decode_exactly(text) if exact else _decode(text)
    if _SURROGATE.search(text):
        _write(value).encode()
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError("a string in it contains NUL (\\u0000)")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is beyond what a float holds")
    return number


# Made once: json.loads() with arguments would make a decoder for each call.
_decode = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite).decode
_decode_exactly = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=Decimal).decode
_write = json.JSONEncoder(ensure_ascii=False, default=str).encode


_WRITTEN_AS_THEY_ARE = (str, int, bool, type(None))
_LISTS: tuple[type, ...] = (set, frozenset, range, type({}.keys()), type({}.values()), Iterator)
_MAX_DEPTH = 100  # levels; anything deeper is not looked at


def explain_unwritable(error: Exception, value: Any, write: Callable[[Any], object]) -> None:
    """Have the error that a value could not be written with say which part it is about.

    Args:
        error: What `write(value)` has raised.
        value: The whole value.
        write: Writes JSON.
    """
    found = next(_faults(value, write, "", set()), None)
    if found is None:
        return
    place, part = found
    text = str(error).rstrip(".")
    where = f" It is {place} in the value." if place else ""
    error.args = (f"{text}.{where}{_cure(part)}",)


def _faults(
    value: Any, write: Callable[[Any], object], place: str, seen: set[int]
) -> Iterator[tuple[str, Any]]:
    """Yield the parts that can't be written, each with its place: `events[0].owner`."""
    if isinstance(value, _WRITTEN_AS_THEY_ARE):
        return
    if isinstance(value, dict | list | tuple):
        if id(value) in seen or place.count("[") + place.count(".") > _MAX_DEPTH:
            return
        seen.add(id(value))
        for step, part in _steps(value):
            yield from _faults(part, write, f"{place}{step}".lstrip("."), seen)
    elif not _is_written(value, write):
        yield place, value


def _steps(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            is_name = isinstance(key, str) and key.isidentifier()
            yield f".{key}" if is_name else f"[{key!r}]", part
    else:
        for number, part in enumerate(value):
            yield f"[{number}]", part


def _is_written(value: Any, write: Callable[[Any], object]) -> bool:
    try:
        write(value)
    except (TypeError, ValueError):
        return False
    return True


def _cure(part: Any) -> str:
    if isinstance(part, float):
        return " Write None, or a string."
    return " Write a list of it." if isinstance(part, _LISTS) else " Write a dict of its fields."
