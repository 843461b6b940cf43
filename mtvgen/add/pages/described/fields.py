"""Fields: what a model's columns and relationships are on its pages, as plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "text",
    "long text",
    "int",
    "Decimal",
    "float",
    "bool",
    "date",
    "datetime",
    "naive datetime",
    "time",
    "enum",
    "words",
    "UUID",
    "json",
    "array",
    "bytes",
    "row",
    "rows",
    "other",
]
SIMPLE_TYPES: dict[Kind, str] = {
    "text": "str",
    "long text": "str",
    "int": "int",
    "Decimal": "Decimal",
    "float": "float",
    "bool": "bool",
    "date": "date",
    "datetime": "datetime",
    "naive datetime": "datetime",
    "time": "time",
}


@dataclass(frozen=True)
class Pages:
    """The pages of a model that a project has.

    Attributes:
        module: The module of their views: `books` of `views.books`.
        parameter: The parameter of the address of a row: `id`.
        filters: The parameters of the filters of the list.
    """

    module: str
    parameter: str
    filters: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """The route of a row's page."""
        return f"{self.module}.detail"

    @property
    def index(self) -> str:
        """The route of the list."""
        return f"{self.module}.index"


PagesOf = Callable[[type], Pages | None]


@dataclass(frozen=True)
class Target:
    """The model at the other end of a relationship.

    Attributes:
        model: The class.
        key: The attribute of its key.
        label: The attribute that its rows are shown by: a text, otherwise the key.
        pages: Its pages, if the project has some.
        way_back: The attribute of its own that leads back here.
    """

    model: type
    key: str
    label: str
    pages: Pages | None = None
    way_back: str = ""


@dataclass(frozen=True)
class Field:
    """A column or a relationship, as pages show and edit it.

    Attributes:
        name: The attribute.
        label: What pages call it.
        kind: The kind of its values.
        is_nullable: Whether it may be empty.
        is_edited: Whether it is in the form.
        is_required: Whether a new row needs a value for it.
        is_given: Whether a new row of the table needs one, and no form gives it.
        is_shown: Whether pages show it.
        default: The default in the form, as Python.
        least: The lowest value, by a CHECK of the table.
        most: The highest one.
        length: The most characters of a text.
        scale: The digits of a Decimal behind its point; None: any number of them.
        enum: The Enum, or the words of one without a class.
        target: Where a relationship leads.
        is_version: Whether it counts the changes of the row.
        is_key: Whether it is the key, which somebody fills in.
        is_elsewhere: Whether the row at the other end refers to this one.
    """

    name: str
    label: str
    kind: Kind
    is_nullable: bool = False
    is_edited: bool = False
    is_required: bool = False
    is_given: bool = False
    is_shown: bool = True
    default: str | None = None
    least: str | None = None
    most: str | None = None
    length: int | None = None
    scale: int | None = None
    enum: Any = None
    target: Target | None = None
    is_version: bool = False
    is_key: bool = False
    is_elsewhere: bool = False


@dataclass(frozen=True)
class Described:
    """A model, as its pages need it.

    Attributes:
        model: The class.
        key: The attribute of its key.
        key_kind: The kind of it.
        label: The attribute that its rows are shown by: a text, otherwise the key.
        fields: Columns and relationships, in the order of the class.
        many: Relationships that are shown as rows of another table, and not edited.
        is_account: Whether it has a password, so that nobody else changes it.
        own_pages: Its own pages.
        hybrids: Attributes that Python computes, which are not shown: they may ask the database.
    """

    model: type
    key: str
    key_kind: Kind
    label: str
    fields: tuple[Field, ...]
    many: tuple[Field, ...] = ()
    is_account: bool = False
    own_pages: Pages | None = None
    hybrids: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        """The parameter of the address of a row."""
        return "key" if self.key_kind == "text" else self.key

    @property
    def edited(self) -> tuple[Field, ...]:
        """The fields of the form."""
        return () if self.is_account else tuple(one for one in self.fields if one.is_edited)

    @property
    def shown(self) -> tuple[Field, ...]:
        """The fields of a row's page."""
        return tuple(one for one in self.fields if one.is_shown)

    @property
    def has_form(self) -> bool:
        """Whether there is anything to edit."""
        return any(not one.is_version for one in self.edited)

    @property
    def has_new(self) -> bool:
        """Whether a form can give all that a new row needs."""
        return self.has_form and not any(one.is_given for one in self.fields)


_METHODS = frozenset({"mistakes", "of", "read", "read_json", "read_query"})
_TYPES = frozenset({"bool", "date", "datetime", "float", "int", "str", "time"})


def field_name(field: Field) -> str:
    """Return a field's name in the form: a method of every form, or a type, gets a `_`."""
    return f"{field.name}_" if field.name in _METHODS | _TYPES else field.name
