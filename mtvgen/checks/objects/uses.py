"""What the expressions of a file ask of objects, as data: attributes, keywords, keys, calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from mtvgen.checks.python_types import KnownType, Type
from mtvgen.records import record


@record(frozen=True, slots=True)
class AttributeUse:
    """`note.title`, where it is read or stored, and the type of `note`."""

    node: ast.Attribute
    owner: KnownType


@record(frozen=True, slots=True)
class Call:
    """A call with the type of what it is about.

    For `Note(title=...)` the name of the class, for `replace(note, title=...)` what is copied, for
    `.filter_by()` the entity of the select(), for get_or_404() its second argument, for what else
    the runtime has its name, and for one of its methods the object.
    """

    node: ast.Call
    about: Type


@record(frozen=True, slots=True)
class NamedUse:
    """`getattr(note, "title")`: the text that names an attribute, and the type of `note`."""

    node: ast.Constant
    owner: Type


@record(frozen=True, slots=True)
class Answer:
    """What a function returns, with its type; the function by its qualified name.

    The function is empty for what json_response() is given.
    """

    function: str
    node: ast.expr
    kind: KnownType


@record(frozen=True, slots=True)
class Condition:
    """`Note.draft is None`, `not Note.draft`, `Note.draft and ...`, and the type of `Note`."""

    node: ast.Compare | ast.BoolOp | ast.UnaryOp
    column: ast.Attribute
    owner: KnownType


@dataclass
class Uses:
    """What one file asks of objects.

    Attributes:
        reads: The attributes that it reads on objects of which something is known.
        stores: Those that it stores on them.
        unknown: The names that it reads on other objects, each with what these are called.
        stored_anywhere: The names that it stores on objects of which nothing is known.
        named: Those that it names in quotes, for `getattr()` and the like.
        made: The calls of what may be a class.
        copied: The calls of `replace()` and `._replace()`, which copy an object.
        filtered: The calls of `.filter_by()`.
        looked_up: The calls of get_or_404().
        of_runtime: The calls of what else the runtime has.
        of_forms: The calls that may read a form, or save it, and lack what that needs.
        caught: The arguments of these that are an exception which has been caught.
        conditions: What Python decides about an attribute of what may be a class.
        called_once: The defaults of columns that are a call of what gives something else each time.
        answers: What its functions return, where something is known of it.
        as_json: What they return in lists and dicts, and give to json_response().
    """

    reads: list[AttributeUse] = field(default_factory=list)
    stores: list[AttributeUse] = field(default_factory=list)
    unknown: set[tuple[str, str]] = field(default_factory=set)
    stored_anywhere: set[str] = field(default_factory=set)
    named: list[NamedUse] = field(default_factory=list)
    made: list[Call] = field(default_factory=list)
    copied: list[Call] = field(default_factory=list)
    filtered: list[Call] = field(default_factory=list)
    looked_up: list[Call] = field(default_factory=list)
    of_runtime: list[Call] = field(default_factory=list)
    of_forms: list[Call] = field(default_factory=list)
    caught: list[ast.expr] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    called_once: list[ast.keyword] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    as_json: list[Answer] = field(default_factory=list)
