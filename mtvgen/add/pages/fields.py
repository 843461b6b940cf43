"""Fields: what a model's columns and relationships are on its pages, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Target:
    """The model at the other end of a relationship.

    Attributes:
        model: The class.
        key: The attribute of its key.
        label: The attribute that its rows are shown by: a text, otherwise the key.
        route: The route of a row's page, if there is one: `authors.detail`.
        index: The route of its list, if that has a filter for this relationship.
        parameter: That filter.
    """

    model: type
    key: str
    label: str
    route: str | None = None
    index: str | None = None
    parameter: str = ""


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
        enum: The Enum, or the words of one without a class.
        target: Where a relationship leads.
        is_version: Whether it counts the changes of the row.
        is_key: Whether it is the key, which somebody fills in.
        is_sent_once: Whether it stays as it was when the row was new.
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
    enum: Any = None
    target: Target | None = None
    is_version: bool = False
    is_key: bool = False


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
    """

    model: type
    key: str
    key_kind: Kind
    label: str
    fields: tuple[Field, ...]
    many: tuple[Field, ...] = ()
    is_account: bool = False
    notes: tuple[str, ...] = field(default=())

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
