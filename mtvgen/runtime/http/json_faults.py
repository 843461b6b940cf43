"""Why a value can't be written as JSON: which part of it, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

_WRITTEN_AS_THEY_ARE = (str, int, bool, type(None))
_LISTS: tuple[type, ...] = (set, frozenset, range, type({}.keys()), type({}.values()), Iterator)
_MAX_DEPTH = 100  # levels; what lies deeper is not looked at


def explain(error: Exception, value: Any, write: Callable[[Any], object]) -> None:
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
    """The parts that can't be written, each with its place: `events[0].owner`."""
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
        return " Write None, or a text."
    return " Write a list of it." if isinstance(part, _LISTS) else " Write a dict of its fields."
