"""Generic classes and functions: what `T` is in `Page[T]`, by the types of what is passed.

An annotation makes Generic("pages.Page", ...) of `Page[Note]`, and Instance("pages.T") of `T`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.python_types import Type

_SELECTS = ("sqlalchemy.Select", "sqlalchemy.sql.Select", "sqlalchemy.sql.selectable.Select")
_GENERIC = ("typing.Generic", "typing_extensions.Generic")


def type_variables(node: ast.ClassDef | Function, module: Module) -> list[str]:
    """Return a class's type variables in order: `Generic[T]` and `class Page[T]` (PEP 695)."""
    own = [parameter.name for parameter in getattr(node, "type_params", ())]
    for base in getattr(node, "bases", ()):
        if isinstance(base, ast.Subscript) and module.dotted_name(base.value) in _GENERIC:
            inner = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            own += [item.id for item in inner if isinstance(item, ast.Name)]
    return own


def returned_type(function: Function, module: Module, given: Mapping[str, Type]) -> Type:
    """Return what a function returns, with its type variables as the arguments have them.

    Args:
        function: The function.
        module: Its file.
        given: The types of the arguments, by the names of their parameters.
    """
    variables = {*module.top.type_variables, *type_variables(function, module)}
    bound: dict[str, Type] = {}
    args = function.args
    for parameter in (*args.posonlyargs, *args.args, *args.kwonlyargs):
        wanted = annotated_type(parameter.annotation, module)
        _unify(wanted, given.get(parameter.arg), variables, bound)
    return substituted(annotated_type(function.returns, module), bound)


def _unify(wanted: Type, given: Type, variables: set[str], bound: dict[str, Type]) -> None:
    """Note what the variables in an annotation are where an argument has a type."""
    if given is None:
        return
    match wanted:
        case types.Instance() if (variable := _variable(wanted)) in variables:
            bound.setdefault(variable, given)
        case types.Generic(dotted, (row, *_)) if dotted in _SELECTS:
            entity = row
            if isinstance(row, types.TupleOf):
                entity = row.items[0] if len(row.items) == 1 else None
            if isinstance(given, types.Select):
                _unify(entity, given.entity, variables, bound)
        case types.Generic("type", (instance, *_)):
            if isinstance(given, types.Name):
                _unify(instance, types.Instance(given.dotted), variables, bound)
        case types.ListOf(inner):
            inside = given.element if isinstance(given, types.ListOf) else types.Element(given)
            _unify(inner, inside, variables, bound)
        case types.IterableOf(inner):
            inside = given.element if isinstance(given, types.IterableOf) else types.Element(given)
            _unify(inner, inside, variables, bound)
        case types.Direct() | types.Derived() | None:
            return
        case _:
            assert_never(wanted)


def substituted(kind: Type, bound: Mapping[str, Type]) -> Type:
    """Return a type with its variables replaced by what they are.

    One that is not known has no type.
    """
    if kind is None:
        return None
    match kind:
        case types.Instance():
            return bound.get(_variable(kind), kind)
        case types.Generic(dotted, arguments):
            return types.Generic(dotted, tuple(substituted(one, bound) for one in arguments))
        case types.ListOf(element):
            return types.ListOf(substituted(element, bound))
        case types.IterableOf(element):
            return types.IterableOf(substituted(element, bound))
        case types.TupleOf(items):
            return types.TupleOf(tuple(substituted(item, bound) for item in items))
        case types.DictOf(values):
            return types.DictOf(substituted(values, bound))
        case types.Method(returns):
            returned = substituted(returns, bound)
            return types.Method(returned) if returned is not None else None
        case types.Direct() | types.Derived():  # which no annotation makes
            return kind
        case _:
            assert_never(kind)


def _variable(kind: types.Instance) -> str:
    """`T` for an instance of `pages.T`."""
    return kind.dotted.rpartition(".")[2]
