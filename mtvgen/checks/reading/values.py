"""What an expression of a view stands for, as far as forms are concerned."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field
from typing import Any, TypeAlias, assert_never

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.reading.reads import Source, Spot
from mtvgen.records import record

MOST_ELEMENTS = 64  # of a literal that a loop goes through; beyond that it counts as computed


@record(frozen=True, slots=True)
class TheRequest:
    """The request."""


@record(frozen=True, slots=True)
class Data:
    """`request.form`, `request.query` or `request.files`."""

    source: Source


@record(frozen=True, slots=True)
class Sent:
    """The value of a key, as it was sent or stripped.

    Attributes:
        source: Where it comes from.
        key: Its key.
        has_null: Whether an empty one is None by now.
    """

    source: Source
    key: str
    has_null: bool = False


@record(frozen=True, slots=True)
class Literal:
    """A text, a number or another constant that is written out, and where."""

    value: Any
    spot: Spot | None = field(default=None, compare=False)


@record(frozen=True, slots=True)
class Record:
    """A dict whose keys are known."""

    items: Mapping[str, Value]


@record(frozen=True, slots=True)
class Items:
    """A tuple or a list that is written out."""

    values: tuple[Value, ...]


@record(frozen=True, slots=True)
class Instance:
    """An object of a model; the dotted name of the class."""

    model: str


@record(frozen=True, slots=True)
class Unknown:
    """Anything else, and the keys that it may be computed from."""

    keys: frozenset[str] = frozenset()


Value: TypeAlias = TheRequest | Data | Sent | Literal | Record | Items | Instance | Unknown
UNKNOWN = Unknown()


def keys_behind(value: Value) -> frozenset[str]:
    """Return the keys that a value is made of."""
    match value:
        case Sent(_, key):
            return frozenset((key,))
        case Unknown(keys):
            return keys
        case Record(items):
            return frozenset().union(*map(keys_behind, items.values()))
        case Items(values):
            return frozenset().union(*map(keys_behind, values))
        case TheRequest() | Data() | Literal() | Instance():
            return frozenset()
        case _:
            assert_never(value)


def made_of(*values: Value) -> Unknown:
    """Return something that is computed from values."""
    keys = frozenset().union(*map(keys_behind, values))
    return Unknown(keys) if keys else UNKNOWN


def elements_of(value: Value) -> tuple[Value, ...] | None:
    """Return what a loop gives over what is written out; None for any other value."""
    elements: tuple[Value, ...] | None = None
    if isinstance(value, Literal) and isinstance(value.value, str):
        elements = tuple(map(Literal, value.value))
    elif isinstance(value, Record):
        elements = tuple(map(Literal, value.items))
    elif isinstance(value, Items):
        elements = value.values
    return elements if elements is not None and len(elements) <= MOST_ELEMENTS else None


def constant_in(value: Value) -> Literal | None:
    """Return the constant that a value is, also a tuple of constants; None for any other."""
    if isinstance(value, Literal):
        return value
    if isinstance(value, Items):
        parts = [constant_in(part) for part in value.values]
        known = [part.value for part in parts if part is not None]
        return Literal(tuple(known)) if len(known) == len(parts) else None
    return None


def part_of(value: Value, index: int) -> Value:
    """Return what unpacking a value gives in one place."""
    elements = elements_of(value)
    if elements is not None:
        return elements[index] if index < len(elements) else UNKNOWN
    return made_of(value)


def compared(operator: ast.cmpop, left: object, right: object) -> Value:
    """Return whether a comparison of two constants holds."""
    try:
        match operator:
            case ast.Eq() | ast.Is():
                return Literal(left == right)
            case ast.NotEq() | ast.IsNot():
                return Literal(left != right)
            case ast.In():
                return Literal(left in right)  # type: ignore[operator]  # or a TypeError
            case ast.NotIn():
                return Literal(left not in right)  # type: ignore[operator]
    except TypeError:
        pass
    return UNKNOWN


def literal(node: ast.expr | None, module: Module) -> Value | None:
    """Return what is written out, in tuples and dicts too; None for anything else."""
    match node:
        case ast.Constant(value):
            return Literal(value, Spot(module, node))
        case ast.Tuple(elts) | ast.List(elts) | ast.Set(elts):
            parts = [literal(part, module) for part in elts]
            known = [part for part in parts if part is not None]
            return Items(tuple(known)) if len(known) == len(parts) else None
        case ast.Dict():
            return _literal_dict(node, module)
    return None


def _literal_dict(node: ast.Dict, module: Module) -> Record | None:
    items: dict[str, Value] = {}
    for key, written in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return None
        value = literal(written, module)
        items[key.value] = UNKNOWN if value is None else value
    return Record(items)


def literal_named(name: str, sources: Sources) -> Value | None:
    """Return what a dotted name is bound to at the top of a file, if that is a literal, once."""
    module = sources.module_of(name)
    if module is None or module.tree is None:
        return None
    attribute = name.removeprefix(module.name).lstrip(".")
    bound = [value for target, value in _assignments(module.tree) if target == attribute]
    return literal(bound[0], module) if len(bound) == 1 else None


def _assignments(tree: ast.Module) -> list[tuple[str, ast.expr | None]]:
    found: list[tuple[str, ast.expr | None]] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found += _pairs(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            value = node.value if isinstance(node, ast.AnnAssign) else None
            found += _pairs(node.target, value)
    return found


def _pairs(target: ast.expr, value: ast.expr | None) -> list[tuple[str, ast.expr | None]]:
    """`a = 1`, and `a, b = 1, 2`."""
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
    values = parts if len(parts) == len(target.elts) else [None] * len(target.elts)
    return [
        pair for part, one in zip(target.elts, values, strict=True) for pair in _pairs(part, one)
    ]
