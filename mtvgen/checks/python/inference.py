"""The types of a view's names, read off its statements in their order."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.generics import returned_type
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.python_types import NONE, KnownType, Type
from mtvgen.runtime import get_or_404
from mtvgen.syntax_trees import walk

_GET_OR_404 = dotted_names(get_or_404)
# `error`, below `except ValueError as error`.
CAUGHT = types.Instance("builtins.BaseException")
# What gives a copy of an object, with other attributes.
COPIES = frozenset({"dataclasses.replace", "copy.replace"})
_SELECT = frozenset({"sqlalchemy.select", "sqlalchemy.sql.select", "sqlalchemy.future.select"})
# Methods of a select() after which it still gives the same entity.
_SELECT_CHAIN = frozenset(
    {"where", "filter", "filter_by", "order_by", "limit", "offset", "options", "distinct"}
    | {"join", "outerjoin", "group_by", "having", "with_for_update", "execution_options"}
)
_JOINS = frozenset({"join", "outerjoin"})
_SESSIONS = frozenset({"sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session"})
_ELEMENTS = frozenset({"reversed", "iter", "tuple", "set", "frozenset"})


class Inference:
    """The types of expressions, under the names that are bound so far.

    Args:
        module: The file, for its imports.
        sources: The project's files, through whose imports dotted names are looked up.
    """

    def __init__(self, module: Module, sources: Sources) -> None:
        self.module = module
        # A file mostly asks for the same names again and again.
        self.resolve = cache(sources.resolve)
        self._find_function = sources.find_function
        self.names: dict[str, Type] = {}
        self.branches = 0
        # Names that a function inside binds, at whatever time.
        self.unsure: set[str] = set()

    def name_of(self, node: ast.expr) -> str:
        """Return the dotted name of what an expression means; empty where a local name hides it."""
        first = node
        while isinstance(first, ast.Attribute):
            first = first.value
        if isinstance(first, ast.Name) and first.id in self.names:
            kind = self.names[first.id]
            if not isinstance(kind, types.Name):
                return ""
            return self.resolve(f"{kind.dotted}{ast.unparse(node)[len(first.id) :]}")
        return self.resolve(self.module.dotted_name(node))

    def bind(self, target: ast.expr, kind: Type) -> None:
        """Give a target its type; a name that gets two of them has none."""
        if isinstance(target, ast.Name):
            before = self.names.get(target.id, NONE)
            if self.branches and before not in (kind, NONE):
                kind = before if kind == NONE else None
            self.names[target.id] = kind if target.id not in self.unsure else None
        elif isinstance(target, ast.Tuple | ast.List):
            has_star = any(isinstance(part, ast.Starred) for part in target.elts)
            for index, item in enumerate(target.elts):
                self.bind(item, None if has_star else item_of(kind, index))
        elif isinstance(target, ast.Starred):
            self.bind(target.value, None)

    def mix(self, name: str, kind: Type) -> None:
        """Note that a list or a dict gets an element of some type."""
        whole = self.names.get(name)
        if isinstance(whole, types.ListOf) and whole.element != kind:
            self.names[name] = types.ListOf(None)
        elif isinstance(whole, types.DictOf) and whole.values != kind:
            self.names[name] = types.DictOf(None)

    def bind_parameters(self, node: Function | ast.Lambda, function: str) -> None:
        """Bind the parameters of a function, with their annotations."""
        args = node.args
        for parameter in [*args.posonlyargs, *args.args, *args.kwonlyargs]:
            annotated = annotated_type(parameter.annotation, self.module)
            self.names[parameter.arg] = types.Parameter(function, parameter.arg, annotated)
        for rest in (args.vararg, args.kwarg):
            if rest is not None:
                self.names[rest.arg] = None

    def type_of(self, node: ast.expr | None) -> Type:
        """Return the type of an expression; None where it is not known."""
        if isinstance(node, ast.Constant):
            return NONE if node.value is None else types.Literal(node.value)
        if isinstance(node, ast.Name):
            return self.names[node.id] if node.id in self.names else self._global(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.JoinedStr):
            return types.Builtin("str")
        if isinstance(node, ast.Compare) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            return types.Builtin("bool")
        if isinstance(node, ast.IfExp):
            return self._either([node.body, node.orelse]) or self._choice(node)
        if isinstance(node, ast.BoolOp):
            return self._either(node.values)
        return self._container(node)

    def _choice(self, node: ast.IfExp) -> Type:
        """One of several texts."""
        then, otherwise = self.type_of(node.body), self.type_of(node.orelse)
        if then and otherwise and _is_text(then) and _is_text(otherwise):
            return types.Choice(then, otherwise)
        return None

    def _container(self, node: ast.expr | None) -> Type:
        if isinstance(node, ast.List):
            return types.ListOf(self._either(node.elts))
        if isinstance(node, ast.Tuple):
            return types.TupleOf(tuple(self.type_of(item) for item in node.elts))
        if isinstance(node, ast.ListComp):
            return types.ListOf(self._comprehension(node.generators, node.elt))
        if isinstance(node, ast.GeneratorExp | ast.SetComp):
            return types.IterableOf(self._comprehension(node.generators, node.elt))
        if isinstance(node, ast.Dict):
            return types.DictOf(self._either(node.values))
        if isinstance(node, ast.Subscript):
            base = self.type_of(node.value)
            if isinstance(node.slice, ast.Slice):
                return base if isinstance(base, types.ListOf) else None
            index = node.slice.value if isinstance(node.slice, ast.Constant) else None
            return types.Item(base, index) if base is not None else None
        if isinstance(node, ast.NamedExpr):
            kind = self.type_of(node.value)
            self.bind(node.target, kind)
            return kind
        return None

    def _comprehension(self, generators: list[ast.comprehension], result: ast.expr) -> Type:
        before = dict(self.names)
        for generator in generators:
            self.bind(generator.target, element(self.type_of(generator.iter)))
        kind = self.type_of(result)
        self.names = before
        for node in walk(result):
            if isinstance(node, ast.NamedExpr):
                self.bind(node.target, None)  # which it does for the function around
        return kind

    def _either(self, nodes: Iterable[ast.expr]) -> Type:
        """Return the one type of several expressions, None apart."""
        kinds = {self.type_of(node) for node in nodes} - {NONE}
        return kinds.pop() if len(kinds) == 1 else None

    def _global(self, node: ast.Name) -> Type:
        name = self.module.dotted_name(node)
        return types.Name(name) if name != node.id else None

    def _attribute(self, node: ast.Attribute) -> Type:
        if node.attr == "db":
            return types.DatabaseSession()
        base = self.type_of(node.value)
        if base is None:
            return None
        if isinstance(base, types.Name):
            return types.Name(f"{base.dotted}.{node.attr}")
        return types.Attribute(base, node.attr)

    def _call(self, node: ast.Call) -> Type:
        name = self.name_of(node.func)
        if name in _GET_OR_404 and len(node.args) > 1:
            wanted = self.type_of(node.args[1])
            if isinstance(wanted, types.Select):
                return wanted.entity
            return self._instance(node.args[1])
        if name in _SELECT:
            single = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
            return types.Select(self._instance(node.args[0]) if single else None)
        if name in COPIES and node.args:
            return self.type_of(node.args[0])
        if isinstance(node.func, ast.Attribute):
            returned = self._method(self.type_of(node.func.value), node)
            if returned is not None:
                return returned
        elif isinstance(node.func, ast.Name) and name in ("", node.func.id):
            return self._builtin(node.func.id, node)
        callee = self.type_of(node.func)
        definition = self._find_function(name) if name else None
        if definition is not None and isinstance(definition[1].returns, ast.Subscript):
            module, function = definition
            return returned_type(function, module, self._arguments(function, node))
        return types.Returned(callee) if callee is not None else None

    def _arguments(self, function: Function, node: ast.Call) -> dict[str, Type]:
        """Return the types of a call's arguments, by the names of the parameters."""
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        given = dict(zip(names, map(self.type_of, node.args), strict=False))
        named = {word.arg: self.type_of(word.value) for word in node.keywords if word.arg}
        return {**given, **named}

    def _instance(self, node: ast.expr) -> Type:
        kind = self.type_of(node)
        return types.Instance(kind.dotted) if isinstance(kind, types.Name) else None

    def _method(self, base: Type, node: ast.Call) -> Type:
        assert isinstance(node.func, ast.Attribute)  # noqa: S101  # _call() has looked
        method, first = node.func.attr, node.args[0] if node.args else None
        if method == "_replace":  # of a NamedTuple
            return base
        match base:
            case types.DatabaseSession():
                return self._query(method, first) if first is not None else None
            case types.Parameter(annotated=types.Instance(dotted)):
                is_session = self.resolve(dotted) in _SESSIONS and first is not None
                return self._query(method, first) if is_session and first else None
            case types.Select(entity):
                if method in _JOINS:
                    return types.Select(entity, is_joined=True)
                return base if method in _SELECT_CHAIN else None
            case types.IterableOf(entity):
                if method in ("all", "fetchall"):
                    return types.ListOf(entity)
                if method in ("first", "one", "one_or_none"):
                    return entity
                return base if method == "unique" else None
            case types.QueryResult(entity):
                if method == "scalars" and first is None:
                    return types.IterableOf(entity)
                return entity if method.startswith("scalar") else None
            case types.Direct() | types.Derived() | None:
                return None
            case _:
                assert_never(base)

    def _query(self, method: str, first: ast.expr) -> Type:
        if method in ("get", "get_one"):
            return self._instance(first)
        selected = self.type_of(first)
        entity = selected.entity if isinstance(selected, types.Select) else None
        if method == "scalars":
            return types.IterableOf(entity)
        if method == "scalar":
            return entity
        return types.QueryResult(entity) if method == "execute" else None

    def _builtin(self, name: str, node: ast.Call) -> Type:
        kind = self.type_of(node.args[0]) if len(node.args) == 1 else None
        if name in ("list", "sorted"):
            return types.ListOf(element(kind))
        if name in _ELEMENTS:
            return types.IterableOf(element(kind))
        if name == "enumerate":
            return types.IterableOf(types.TupleOf((types.Builtin("int"), element(kind))))
        if name == "zip":
            kinds = tuple(element(self.type_of(argument)) for argument in node.args)
            return types.IterableOf(types.TupleOf(kinds))
        if name in ("min", "max") and len(node.args) == 1:
            return element(kind)
        if name in ("str", "int", "float", "bool", "len"):
            return types.Builtin("int" if name == "len" else name)
        return None


def _is_text(kind: KnownType) -> bool:
    is_literal = isinstance(kind, types.Literal) and isinstance(kind.value, str)
    return is_literal or isinstance(kind, types.Choice)


def item_of(kind: Type, index: int) -> Type:
    """Return what unpacking gives in one place."""
    if isinstance(kind, types.TupleOf) and index < len(kind.items):
        return kind.items[index]
    return types.Item(kind, index) if kind is not None else None


def element(kind: Type) -> Type:
    """Return what iterating gives."""
    return types.Element(kind) if kind is not None else None
