"""The types of a setting: a text as a value of one, and whether a value is one."""

from __future__ import annotations

from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})
_SCALARS = (bool, int, float, str, Path)


def is_known(kind: Any) -> bool:
    """Return whether a text can become one."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is list:
        return inner[0] in _SCALARS
    if origin is tuple:
        return len(inner) == 2 and inner[0] in _SCALARS and inner[1] is Ellipsis
    if origin in (Union, UnionType):
        others = [part for part in inner if part is not type(None)]
        return len(others) == 1 and len(inner) == 2 and is_known(others[0])
    return kind in _SCALARS


def fits(value: Any, kind: Any) -> bool:
    """Return whether a value is one, in a list or a tuple item by item; an int is a float too."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (list, tuple):
        return isinstance(value, origin) and all(fits(item, inner[0]) for item in value)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in inner)
    if kind in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


def convert(text: str, kind: Any) -> Any:
    """Return the text as a value of the declared type.

    Raises:
        ValueError: It does not fit.
    """
    origin = get_origin(kind)
    if origin in (list, tuple):
        inner = get_args(kind)[0]
        return origin(convert(part.strip(), inner) for part in text.split(",") if part.strip())
    if origin in (Union, UnionType):
        inner = next(part for part in get_args(kind) if part is not type(None))
        return convert(text, inner) if text else None
    return _convert_bool(text) if kind is bool else kind(text)


def _convert_bool(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(text)


def human_name(kind: Any) -> str:
    """Return a type as a sentence names it: `int`, `list of int, with commas`."""
    inner = [part for part in get_args(kind) if part not in (type(None), Ellipsis)]
    if get_origin(kind) in (list, tuple) and inner:
        return f"list of {human_name(inner[0])}, with commas"
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(human_name(part) for part in inner)
    if kind is bool:
        return "bool (1, true, yes, on, or 0, false, no, off)"
    return str(getattr(kind, "__name__", kind))


def in_words(kind: Any) -> str:
    """Return a type as it is written: `int`, `list[str]`, `str | None`."""
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
