"""The types that annotations give: `list[Note]`, `Mapped[str]`, `"Author | None"`."""

from __future__ import annotations

import ast

from mtvgen.checks.python.module import Module
from mtvgen.checks.python_types import (
    DictOf,
    Generic,
    Instance,
    IterableOf,
    ListOf,
    TupleOf,
    Type,
)

_LISTS = frozenset(
    {"list", "List", "Sequence", "Iterable", "Collection", "set", "frozenset", "Iterator"}
)
_DICTS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict"})
_WRAPPERS = frozenset({"Mapped", "Optional", "Annotated", "Final", "ClassVar"})


def annotated_type(node: ast.expr | None, module: Module) -> Type:
    """Return the type that an annotation gives its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in (node.left, node.right) if not _is_none(side)]
        return annotated_type(sides[0], module) if len(sides) == 1 else None
    if isinstance(node, ast.Subscript):
        return _subscript(node, module)
    if isinstance(node, ast.Name | ast.Attribute):
        name = module.dotted_name(node)
        if not name or name.rpartition(".")[2] in _LISTS | _DICTS | {"Any", "tuple", "object"}:
            return ListOf(None) if name in ("list", "builtins.list") else None
        return Instance(name)
    return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _subscript(node: ast.Subscript, module: Module) -> Type:
    outer = module.dotted_name(node.value).rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if outer in _WRAPPERS and inner:
        return annotated_type(inner[0], module)
    if outer in _LISTS and len(inner) == 1:
        # Only a list is known to have no other attributes; a Sequence may be anything.
        kind = annotated_type(inner[0], module)
        return ListOf(kind) if outer in ("list", "List") else IterableOf(kind)
    if outer in _DICTS and len(inner) == 2:
        return DictOf(annotated_type(inner[1], module))
    if outer in ("tuple", "Tuple"):
        if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is Ellipsis:
            return IterableOf(annotated_type(inner[0], module))
        return TupleOf(tuple(annotated_type(item, module) for item in inner))
    name = module.dotted_name(node.value)
    arguments = tuple(annotated_type(item, module) for item in inner)
    return Generic(name, arguments) if name else None
