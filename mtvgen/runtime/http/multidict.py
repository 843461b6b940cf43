"""MultiDict: what a form, a query and uploaded files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

from mtvgen.runtime.http.errors import MissingField

V = TypeVar("V")
D = TypeVar("D")


class MultiDict(Mapping[str, V]):
    """Names with their values, as they came: `[]` and `get()` give the first value of a name.

    Args:
        values: Names and values in the order of arrival, as pairs, or as a dict (which is kept,
            not copied) where no name comes twice.
        place: Where they were sent, as a person says it: `the form`, `the query`.
    """

    __slots__ = ("_first", "_lists", "_pairs", "_place")

    def __init__(
        self, values: dict[str, V] | Iterable[tuple[str, V]] = (), place: str = "the form"
    ) -> None:
        self._place = place
        self._lists: dict[str, list[V]] | None = None
        # None: the dict has them all.
        self._pairs: tuple[tuple[str, V], ...] | None = None
        if isinstance(values, dict):
            self._first = values
        else:
            self._pairs = tuple(values)
            self._first = _first_values(self._pairs)

    @property
    def pairs(self) -> tuple[tuple[str, V], ...]:
        """All pairs in the order of arrival, repeated names included."""
        return tuple(self._first.items()) if self._pairs is None else self._pairs

    def __getitem__(self, name: str) -> V:
        """Return the first value of a name.

        Raises:
            MissingField: There is none; a 400 that names the field, and a KeyError.
        """
        try:
            return self._first[name]
        except KeyError:
            raise MissingField(self._place, name) from None

    @overload
    def get(self, name: str, default: None = None, /) -> V | None: ...
    @overload
    def get(self, name: str, default: V, /) -> V: ...
    @overload
    def get(self, name: str, default: D, /) -> V | D: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """Return the first value of a name, or the default."""
        return self._first.get(name, default)

    def getlist(self, name: str) -> list[V]:
        """All values of a name in the order of arrival; an empty list where there are none."""
        return list(self._grouped().get(name, ()))

    def __contains__(self, name: object) -> bool:
        return name in self._first

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def __eq__(self, other: object) -> bool:
        """Another MultiDict with the same pairs, or a mapping where no name is repeated here."""
        if isinstance(other, MultiDict):
            return self.pairs == other.pairs
        if isinstance(other, Mapping):
            return len(self.pairs) == len(self._first) and self._first == dict(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # its values may be mutable, as with any mapping

    def __repr__(self) -> str:
        return f"MultiDict({list(self.pairs)!r})"

    def _grouped(self) -> dict[str, list[V]]:
        """Name -> values, both in the order of arrival; made once, when somebody asks."""
        if self._lists is None:
            self._lists = {}
            for name, value in self.pairs:
                self._lists.setdefault(name, []).append(value)
        return self._lists


def _first_values(pairs: tuple[tuple[str, V], ...]) -> dict[str, V]:
    first: dict[str, V] = {}
    for name, value in pairs:
        first.setdefault(name, value)
    return first
