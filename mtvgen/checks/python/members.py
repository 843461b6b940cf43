"""Members of a type: whether an attribute is a method, a property or a plain value."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any, assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.parameters import Parameters, parameters_of
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import PYTHON_CLASSES, Types, article
from mtvgen.checks.python_types import Type
from mtvgen.records import record

_PROPERTIES = frozenset({"property", "functools.cached_property", "hybrid_property"})


@record(frozen=True)
class Member:
    """An attribute of a type.

    Attributes:
        owner: The type in words: `Note`, `a str`.
        parameters: What it takes if it is a method; None for a value, which can't be called.
    """

    owner: str
    parameters: Parameters | None


_ANYTHING = Parameters((), 0, (), (), True, True)  # what a method takes that does not say it


class Members:
    """Looks members up.

    Args:
        sources: The project's files.
        project_types: The types of the project.
    """

    def __init__(self, sources: Sources, project_types: Types) -> None:
        self._sources = sources
        self._types = project_types
        self._found: dict[tuple[str, str], Member | None] = {}

    def find(self, owner: Type, name: str) -> Member | None:
        """Return an attribute of a value; None if it is not known whether it can be called."""
        resolved = self._types.resolve(owner)
        match resolved:
            case types.Instance(dotted) | types.Generic(dotted):
                key = (dotted, name)
                if key not in self._found:
                    self._found[key] = self._of_class(dotted, name)
                return self._found[key]
            case types.ListOf():
                return _of_builtin("a list", list, name)
            case types.Builtin(builtin):
                return _of_builtin(article(builtin), PYTHON_CLASSES[builtin], name)
            case types.Direct() | types.Derived() | None:
                return None
            case _:
                assert_never(resolved)

    def _of_class(self, dotted: str, name: str) -> Member | None:
        """Return what the first class says that binds the name: its own, or a parent's."""
        for owner, node in self._sources.ancestors(dotted).items():
            if node is None:
                break
            for part in node.body:
                if getattr(part, "name", "") == name:
                    return _of_definition(dotted.rpartition(".")[2], part)
            if any(isinstance(part, ast.ClassDef) for part in node.body) and owner != dotted:
                return None
        return self._of_value(dotted, name)

    def _of_value(self, dotted: str, name: str) -> Member | None:
        """Return a column or a relation, which nobody can call, or a method of the runtime."""
        kind = self._types.resolve(types.Attribute(types.Instance(dotted), name))
        if isinstance(kind, types.Builtin | types.ListOf):
            return Member(dotted.rpartition(".")[2], None)
        if isinstance(kind, types.Method):
            return Member(dotted.rpartition(".")[2], _ANYTHING)
        return None


def _of_definition(owner: str, node: ast.stmt) -> Member | None:
    if not isinstance(node, ast.FunctionDef):
        return None
    decorators = [ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list]
    if not decorators:
        return Member(owner, _parameters(node.args))
    is_property = decorators in ([name.rpartition(".")[2]] for name in _PROPERTIES)
    # What a property gives may be called, unless its annotation says that it is a plain value.
    returns = ast.unparse(node.returns) if node.returns is not None else ""
    is_plain = returns in PYTHON_CLASSES or returns.startswith(("list[", "list"))
    return Member(owner, None) if is_property and is_plain else None


def _parameters(arguments: ast.arguments) -> Parameters:
    """Return the parameters of a method without its `self`."""
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)][1:]
    by_name = [argument.arg for argument in arguments.args]
    only_named = [argument.arg for argument in arguments.kwonlyargs]
    defaults = zip(only_named, arguments.kw_defaults, strict=True)
    return Parameters(
        tuple(positional),
        max(0, len(positional) - len(arguments.defaults)),
        tuple([name for name in positional if name in by_name] + only_named),
        tuple(name for name, default in defaults if default is None),
        arguments.vararg is not None,
        arguments.kwarg is not None,
    )


def _of_builtin(owner: str, found: type, name: str) -> Member | None:
    member: Any = getattr(found, name, None)
    if member is None:
        return None
    if not callable(member):
        return Member(owner, None)
    # What is written in C may not say what it takes.
    return Member(owner, _of_callable(member) or _ANYTHING)


def _of_callable(method: Callable[..., Any]) -> Parameters | None:
    return parameters_of(method, 0 if isinstance(method, type(builtins.len)) else 1)
