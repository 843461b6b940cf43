"""Checks of a value that is one of its kind: bounds, patterns, lengths, and own functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.errors import Refusal
from mtvgen.runtime.forms.extras import Accept, Bound, ColumnName, Hint, Marker, Rows

if TYPE_CHECKING:
    from mtvgen.runtime.forms.database.columns import Facts
    from mtvgen.runtime.forms.kinds.base import Kind

Check = Callable[[Any], "Refusal | str | None"]
_NO_CHECKS = (Accept, Bound, ColumnName, Hint, Marker, Rows)


def limits_of(extras: list[Any]) -> tuple[Any, Any]:
    """Return the least and the most of a field; None for one that is missing."""
    least = most = None
    for extra in extras:
        if isinstance(extra, Bound) and extra.is_least:
            least = extra.limit
        elif isinstance(extra, Bound):
            most = extra.limit
    return least, most


def checks_of(extras: list[Any], kind: Kind, facts: Facts | None) -> tuple[Check, ...]:
    """Return what a value of a field has to pass, what its column says first."""
    least, most = limits_of(extras)
    checks: list[Check] = []
    is_text = kind.input_type in ("text", "password") and kind.control in ("input", "textarea")
    if facts is not None and facts.length is not None and is_text:
        checks.append(_at_most_characters(facts.length))
    if least is not None:
        checks.append(_least(least, kind, is_text=is_text))
    if most is not None:
        checks.append(_most(most, kind, is_text=is_text))
    checks += [extra for extra in extras if not isinstance(extra, _NO_CHECKS)]
    return tuple(checks)


def _at_most_characters(limit: int) -> Check:
    def check(value: str) -> Refusal | None:
        if len(value) <= limit:
            return None
        return Refusal("too_long", {"limit": limit, "count": len(value)})

    return check


def _least(limit: Any, kind: Kind, *, is_text: bool) -> Check:
    if is_text or _is_list(kind):
        refusal = Refusal("too_short" if is_text else "too_few", {"limit": limit})
        return lambda value: refusal if len(value) < limit else None
    refusal = Refusal("earliest" if isinstance(limit, date | time) else "least", {"limit": limit})
    return lambda value: refusal if value < limit else None


def _most(limit: Any, kind: Kind, *, is_text: bool) -> Check:
    if is_text:
        return _at_most_characters(limit)
    if _is_list(kind):
        too_many = Refusal("too_many", {"limit": limit})
        return lambda value: too_many if len(value) > limit else None
    refusal = Refusal("latest" if isinstance(limit, date | time) else "most", {"limit": limit})
    return lambda value: refusal if value > limit else None


def _is_list(kind: Kind) -> bool:
    return kind.control in ("boxes", "rows")
