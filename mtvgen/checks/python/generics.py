"""Generic classes and functions: what `T` is in `Page[T]`, by the types of what is passed.

("generic", ("name", "pages.Page"), (type, ...))    `Page[Note]`
("inst", ("name", "pages.T"))                       what an annotation makes of `T`
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from mtvgen.checks.facts import Type
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.sources import Module
from mtvgen.checks.python.top_names import Function

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
    result: Type = substituted(annotated_type(function.returns, module), bound)
    return result


def _unify(wanted: Type, given: Type, variables: set[str], bound: dict[str, Type]) -> None:
    """Note what the variables in an annotation are where an argument has a type."""
    if wanted is None or given is None:
        return
    if (variable := _variable(wanted)) in variables:
        bound.setdefault(variable, given)
    elif wanted[0] == "generic" and wanted[1][1] in _SELECTS and given[0] == "select":
        inner = wanted[2][0]
        row = inner[1] if inner is not None and inner[0] == "tuple" else (inner,)
        if len(row) == 1:
            _unify(row[0], given[1], variables, bound)
    elif wanted[0] == "generic" and wanted[1][1] == "type" and given[0] == "name":
        _unify(wanted[2][0], ("inst", given), variables, bound)
    elif wanted[0] in ("list", "scalars"):
        inside = given[1] if given[0] == wanted[0] else ("elemof", given)
        _unify(wanted[1], inside, variables, bound)


def substituted(kind: Any, bound: Mapping[str, Type]) -> Any:
    """Return a type with its variables replaced by what they are.

    One that is not known has no type.
    """
    if not isinstance(kind, tuple):
        return kind
    variable = _variable(kind)
    if variable in bound:
        return bound[variable]
    return tuple(substituted(part, bound) for part in kind)


def _variable(kind: Any) -> str:
    """`T` for an instance of `pages.T`."""
    is_name = kind[:1] == ("inst",) and isinstance(kind[1], tuple) and kind[1][:1] == ("name",)
    return str(kind[1][1]).rpartition(".")[2] if is_name else ""
