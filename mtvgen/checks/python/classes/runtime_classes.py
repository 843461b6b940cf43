"""The classes of `mtvgen.runtime` as this process has them: what a request has, and of what type.

They are asked by the checks of a project's Python files alone, and each is read once.
"""

from __future__ import annotations

import ast
import builtins
import dis
import sys
from collections.abc import Iterator
from functools import cache
from types import FunctionType
from typing import Any, TypeVar

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python_types import Builtin, Generic, Instance, Method, Type

_STORE = dis.opmap["STORE_ATTR"]  # each instruction takes two bytes, the first of which names it
_PLAIN = frozenset({"str", "int", "float", "bool", "bytes"})


@cache
def runtime_object(dotted: str) -> object | None:
    """Return what a dotted name stands for in the runtime's modules; None where it is not there."""
    module, _, name = dotted.rpartition(".")
    if dotted in sys.modules:
        return sys.modules[dotted]
    return getattr(sys.modules.get(module), name, None)


@cache
def runtime_class(dotted: str) -> ClassFact | None:
    """Return what instances of a class of the runtime have; None where they may have anything."""
    found = runtime_object(dotted)
    if not isinstance(found, type) or hasattr(found, "__getattr__"):
        return None
    attributes: dict[str, Type] = dict.fromkeys([*dir(found), *stored_names(found)])
    for owner in reversed(found.__mro__):
        for name, value in vars(owner).items():
            attributes[name] = _type_of(value)
        written = vars(owner).get("__annotations__", {})
        plain = {name: kind for name, kind in written.items() if kind in _PLAIN}
        attributes.update({name: Builtin(kind) for name, kind in plain.items()})
    return ClassFact(found.__name__, attributes)


@cache
def returned_by(dotted: str) -> Type:
    """Return what a function of the runtime returns: a Response, for `render`; None for others."""
    found = runtime_object(dotted)
    return _returned(found) if isinstance(found, FunctionType) else None


@cache
def type_parameters(dotted: str) -> tuple[str, ...]:
    """Return the names of a class's type variables, in their order."""
    bases = getattr(runtime_object(dotted), "__orig_bases__", ())
    return tuple(one.__name__ for base in bases for one in getattr(base, "__parameters__", ()))


def stored_names(found: type) -> Iterator[str]:
    """Yield the names that the methods of a class store on their object, and its annotations."""
    for owner in found.__mro__:
        yield from vars(owner).get("__annotations__", ())
        for value in vars(owner).values():
            # To take a function apart is slow, and most store nothing.
            if isinstance(value, FunctionType) and _STORE in value.__code__.co_code[::2]:
                instructions = dis.get_instructions(value)
                yield from (one.argval for one in instructions if one.opname == "STORE_ATTR")


def _type_of(value: object) -> Type:
    getter = getattr(value, "fget", None)
    if isinstance(getter, FunctionType):
        return _returned(getter)
    returned = _returned(value) if isinstance(value, FunctionType) else None
    return Method(returned) if returned is not None else None


def _returned(function: FunctionType) -> Type:
    written = function.__annotations__.get("return")
    if not isinstance(written, str):
        return None
    return _annotated(ast.parse(written, mode="eval").body, function.__globals__)


def _annotated(node: ast.expr, names: dict[str, Any]) -> Type:
    """Return the type of an annotation, by the names of its module; one of several is not known.

    None is left out of `Account | None`, as it is in the annotations of a project.
    """
    if isinstance(node, ast.BinOp):
        sides = [side for side in (node.left, node.right) if not _is_none(side)]
        return _annotated(sides[0], names) if len(sides) == 1 else None
    if isinstance(node, ast.Subscript):
        outer = _class(node.value, names)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return Generic(outer, tuple(_annotated(one, names) for one in inner)) if outer else None
    if isinstance(node, ast.Name) and node.id in _PLAIN:
        return Builtin(node.id)
    if isinstance(node, ast.Name) and node.id in _ELSEWHERE:
        return Instance(_ELSEWHERE[node.id])
    if isinstance(node, ast.Name) and not isinstance(names.get(node.id), type):
        return Instance(node.id) if isinstance(names.get(node.id), TypeVar) else None
    dotted = _class(node, names)
    return Instance(dotted) if dotted else None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


# What the runtime imports only for its annotations.
_ELSEWHERE = {
    "Session": "sqlalchemy.orm.session.Session",
    "Account": "mtvgen.runtime.accounts.account.Account",
}


def _class(node: ast.expr, names: dict[str, Any]) -> str:
    found = names.get(node.id) if isinstance(node, ast.Name) else None
    is_plain = isinstance(found, type) and not hasattr(builtins, found.__name__)
    return f"{found.__module__}.{found.__qualname__}" if is_plain and found is not None else ""
