"""Records: frozen dataclasses at a fifth of their price.

For each class dataclass() writes six functions and has Python compile them. The checks have 170
such classes, whose import was a tenth of all that `mtvgen check` of a new project takes. For a
record one is compiled, `__init__()`; the others are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

__all__ = ["record"]

T = TypeVar("T")


def _record(
    *, frozen: Literal[True], eq: bool = True, slots: bool = False
) -> Callable[[type[T]], type[T]]:
    """Return a decorator like dataclass(): see there for the arguments.

    Args:
        frozen: That no object is changed, which the type checker watches, and nothing at run time.
        eq: Whether objects with equal values are equal; else each is equal to itself alone.
        slots: Whether an object has room for its values and no others.
    """

    def decorate(cls: type[T]) -> type[T]:
        made: Any = dataclass(eq=False, repr=False, slots=slots)(cls)
        made.__repr__ = _repr
        if eq:
            _compare(made)
        return made  # type: ignore[no-any-return]

    return decorate


if TYPE_CHECKING:
    from dataclasses import dataclass as record  # to a type checker it is what it knows well
else:
    record = _record


def _repr(self: Any) -> str:
    values = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(values)})"


def _compare(cls: Any) -> None:
    """Have objects compared by their values, but for what the class says itself."""
    names = [one.name for one in fields(cls) if one.compare]
    values: Callable[[Any], Any] = attrgetter(*names) if names else type

    def equals(self: Any, other: Any) -> Any:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    own = vars(cls)
    if own.get("__hash__") is None:
        cls.__hash__ = hashed
    if "__eq__" not in own:
        cls.__eq__ = equals
