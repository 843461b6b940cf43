"""Types of Python values, as plain data that says how to come by each.

`note.author.name` is an Attribute of an Attribute of whatever type `note` has. Names are looked up
only when something asks for an attribute (`python/types.py`), so a file is read by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mtvgen.records import record

if TYPE_CHECKING:
    from mtvgen.checks.views.calls import Site


class Direct:
    """A type that says what it is."""

    __slots__ = ()


class Derived:
    """A type that is found by looking at another one."""

    __slots__ = ()


@record(frozen=True, slots=True)
class Name(Direct):
    """What a dotted name stands for: a class, a function, a value."""

    dotted: str


@record(frozen=True, slots=True)
class Instance(Direct):
    """An instance of a class, by the dotted name of that."""

    dotted: str


@record(frozen=True, slots=True)
class Generic(Direct):
    """An instance of a generic class: `Page[Note]`."""

    dotted: str
    arguments: tuple[Type, ...]


@record(frozen=True, slots=True)
class Builtin(Direct):
    """An instance of one of PYTHON_CLASSES: `str`, `datetime.date`."""

    name: str


@record(frozen=True, slots=True)
class Literal(Direct):
    """A value that is written there."""

    value: object


@record(frozen=True, slots=True)
class NoneType(Direct):
    """None, which is not held against a name that has another type elsewhere."""


@record(frozen=True, slots=True)
class ListOf(Direct):
    """A list, which is known to have no other attributes than a list's."""

    element: Type


@record(frozen=True, slots=True)
class IterableOf(Direct):
    """Anything else that gives elements: a Sequence, a generator, SQLAlchemy's scalars."""

    element: Type


@record(frozen=True, slots=True)
class TupleOf(Direct):
    """A tuple, with the type of each item."""

    items: tuple[Type, ...]


@record(frozen=True, slots=True)
class DictOf(Direct):
    """A dict, with the type of its values."""

    values: Type


@record(frozen=True, slots=True)
class Select(Direct):
    """SQLAlchemy's select() of an entity; filter_by() is about what is joined last."""

    entity: Type
    is_joined: bool = False


@record(frozen=True, slots=True)
class QueryResult(Direct):
    """The rows that executing a Select gives."""

    entity: Type


@record(frozen=True, slots=True)
class DatabaseSession(Direct):
    """`request.db`."""


@record(frozen=True, slots=True)
class Attribute(Derived):
    """The attribute of a value."""

    owner: KnownType
    name: str


@record(frozen=True, slots=True)
class Element(Derived):
    """What iterating over a value gives."""

    source: KnownType


@record(frozen=True, slots=True)
class Item(Derived):
    """`value[index]`; the index is None where it is computed."""

    source: KnownType
    index: object


@record(frozen=True, slots=True)
class Returned(Derived):
    """What calling a value gives."""

    callee: KnownType


@record(frozen=True, slots=True)
class Method(Direct):
    """A method, with the type of what it returns."""

    returns: KnownType


@record(frozen=True, slots=True)
class Parameter(Derived):
    """A parameter of a function, with its annotation."""

    function: str
    name: str
    annotated: Type


@record(frozen=True, slots=True)
class Choice(Direct):
    """One of two literal texts, or of such choices."""

    then: KnownType
    otherwise: KnownType


@record(frozen=True, slots=True)
class Partial(Direct):
    """What functools.partial() makes of a call."""

    site: Site


@record(frozen=True, slots=True)
class UrlFor(Direct):
    """The url_for() of a request or an application, or what may be one."""

    is_certain: bool


_Called: TypeAlias = "Returned | Method | Partial | UrlFor"
_Object: TypeAlias = "Name | Instance | Generic | Builtin | Literal | NoneType | Choice"
_Container: TypeAlias = "ListOf | IterableOf | TupleOf | DictOf"
_OfDatabase: TypeAlias = "DatabaseSession | Select | QueryResult"
_Read: TypeAlias = "Attribute | Element | Item | Parameter"
KnownType: TypeAlias = "_Object | _Container | _OfDatabase | _Read | _Called"
# None stands for a type that is not known.
Type: TypeAlias = "KnownType | None"

NONE = NoneType()
