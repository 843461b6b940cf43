"""Extras of a field's annotation: `Annotated[str, pattern("[A-Z]+", "Capitals."), hint("...")]`.

Public: pattern(), least(), most(), rows(), accept(), hint(), column(), textarea, password. Any
other function is one as well: it is called with the value, and returns a sentence or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Select

    from mtvgen.runtime.requests.request import Request


@dataclass(frozen=True)
class Pattern:
    """A regular expression that the whole text has to match."""

    regex: str
    sentence: str

    def __call__(self, value: str) -> str | None:
        """Return what is wrong with a text."""
        # re keeps what it has compiled: importing a form costs no time for it.
        return None if re.fullmatch(self.regex, value) else self.sentence


@dataclass(frozen=True)
class Bound:
    """The least or the most that a value may be; of a text and of a list: its length."""

    limit: Any
    is_least: bool


@dataclass(frozen=True)
class Rows:
    """The rows of a table as choices."""

    label: str | Callable[[Any], str]
    statement: Callable[[Request], Select[Any]] | None


@dataclass(frozen=True)
class Accept:
    """The types and the size that a file may have."""

    types: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Hint:
    """A sentence that is always shown with the field."""

    sentence: str


@dataclass(frozen=True)
class ColumnName:
    """The attribute of the model that a field is saved in; None: it is not saved."""

    name: str | None


@dataclass(frozen=True)
class Marker:
    """How a text is typed in."""

    name: str


textarea = Marker("textarea")
password = Marker("password")


def pattern(regex: str, sentence: str) -> Pattern:
    """Have a text match a regular expression, from its beginning to its end.

    Args:
        regex: As re.fullmatch() takes it.
        sentence: What to say to whoever typed something else.
    """
    return Pattern(regex, sentence)


def least(limit: Any) -> Bound:
    """Bound a number, a date, a time; of a text its characters, of a list its length.

    Args:
        limit: The least that is taken.
    """
    return Bound(limit, is_least=True)


def most(limit: Any) -> Bound:
    """Bound a number, a date, a time; of a text its characters, of a list its length.

    Args:
        limit: The most that is taken.
    """
    return Bound(limit, is_least=False)


def rows(
    label: str | Callable[[Any], str], statement: Callable[[Request], Select[Any]] | None = None
) -> Rows:
    """Have a field choose a row of a table, or with `list[Model]` some of them.

    Args:
        label: What an option says: the name of an attribute, or a function of the row.
        statement: Which rows there are to choose for a request; without it all of them, by
            their labels. A row that it does not find is refused.
    """
    return Rows(label, statement)


def accept(types: str | Iterable[str], size: int = 5_242_880) -> Accept:
    """Say which files are taken.

    Args:
        types: Media types, such as `image/png`. Those of kinds/files.py are recognized by their
            first bytes, whatever the name; any other is what the browser says it is.
        size: Bytes, the most that a file may have: 5 MiB are a photograph, and not a film.

    Raises:
        ValueError: A type is not one, or stands for several: `image/*`.
    """
    named = (types,) if isinstance(types, str) else tuple(types)
    for media_type in named:
        if "*" in media_type or "/" not in media_type:  # "image/*" holds SVG, and that scripts
            raise ValueError(f"accept({media_type!r}): name the types, such as 'image/png'.")
    return Accept(named, size)


def hint(sentence: str) -> Hint:
    """Show a sentence with the field, tied to it for people who hear the page."""
    return Hint(sentence)


def column(name: str | None) -> ColumnName:
    """Save a field in another attribute of the model than the one of its own name.

    Args:
        name: The attribute; None where the field is not saved at all.
    """
    return ColumnName(name)
