"""Stand-ins for what an application passes to its templates: anything, each time another."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import Undefined

choices = random.Random(0)  # seeded anew for each rendering


class StandIn:
    """A value of any kind: it has every attribute and item, and may be empty."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")

    def __getitem__(self, key: object) -> Any:
        if isinstance(key, int) and key > 3:
            raise IndexError(key)
        return StandIn(f"{self._name}[{key!r}]")

    def __call__(self, *args: Any, **names: Any) -> Any:
        use(args, names)
        return StandIn(f"{self._name}()")

    def __iter__(self) -> Iterator[Any]:
        return iter([StandIn(f"{self._name}[]") for _ in range(choices.choice((0, 0, 1, 2)))])

    def __len__(self) -> int:
        return choices.randrange(3)

    def __bool__(self) -> bool:
        return choices.random() < 0.5

    def __contains__(self, other: object) -> bool:
        return choices.random() < 0.5

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return choices.random() < 0.3

    def __str__(self) -> str:
        return choices.choice(["", "a", "1"])

    __repr__ = __html__ = __str__

    def __format__(self, how: str) -> str:
        return str(self)

    def __int__(self) -> int:
        return choices.randrange(4)

    __index__ = __round__ = __int__

    def __float__(self) -> float:
        return float(int(self))

    def _compared(self, other: object) -> bool:
        return choices.random() < 0.5

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def _joined(self, *other: object) -> Any:
        return StandIn(self._name)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _joined
    __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __rmod__ = __neg__ = _joined


def use(args: Iterable[object], names: Mapping[str, object]) -> None:
    """Use arguments as whatever gets them would do: what is undefined says so then."""
    for value in (*args, *names.values()):
        if isinstance(value, Undefined):
            str(value)


def values(names: Iterable[str]) -> dict[str, Any]:
    """Return a stand-in for each name."""
    return {name: StandIn(name) for name in names}


def filters(names: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """Return a filter for each name, that gives anything."""
    return {name: lambda *args, **names: StandIn("filtered") for name in names}


def tests(names: Iterable[str]) -> dict[str, Callable[..., bool]]:
    """Return a test for each name, that says yes or no."""
    return {name: lambda *args, **names: choices.random() < 0.5 for name in names}
