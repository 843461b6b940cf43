"""The names of a module or a class, and which expressions over them change nothing elsewhere."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mtvgen.devserver.holding.pure_names import PURE_NAMES

_OF_A_MODULE = frozenset({"__doc__", "__file__", "__name__"})
_OF_A_PROPERTY = frozenset({"deleter", "getter", "setter"})
_OF_PARAMETERS = frozenset({"args", "kwargs"})  # of a typing.ParamSpec
# The packages of which `name[...]` in an annotation looks into nothing that may change.
_WITH_GENERICS = frozenset(
    {"builtins", "collections", "contextlib", "mtvgen", "re", "sqlalchemy", "types", "typing"}
)


class ImportedName(NamedTuple):
    """A name that a module takes from another one: `from module import name`.

    Attributes:
        module: Its full name.
        name: "" for `import module`.
    """

    module: str
    name: str = ""


_MADE_HERE = ImportedName("")
_UNKNOWN = ImportedName("", "?")


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a module holds whose import has no side effects.

    Attributes:
        reads: All that it reads of other modules while it is imported.
        plain: Names of numbers, texts and the like.
        classes: Those that another class may inherit from.
        decorators: Functions that do nothing but wrap another one.
    """

    reads: frozenset[ImportedName]
    plain: frozenset[str]
    classes: frozenset[str]
    decorators: frozenset[str]


@dataclass
class Namespace:
    """The names of a module or of a class, as far as its statements were read.

    Attributes:
        definitions_of: Looks up another module; None if its import may have side effects.
        reads: What was read of other modules so far.
        origins: A name -> where it comes from; None: it was made here.
        plain: Those made here that are numbers, texts and the like.
        classes: Those made here that another class may inherit from.
        decorators: The functions made here that do nothing but wrap another one.
        reads_annotations: Whether Python evaluates annotations.
    """

    definitions_of: Callable[[str], Definitions | None]
    reads: set[ImportedName] = field(default_factory=set)
    origins: dict[str, ImportedName | None] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    decorators: set[str] = field(default_factory=set)
    reads_annotations: bool = True

    def inner(self) -> Namespace:
        """Return the namespace of a class in this one, which reads the same names."""
        return replace(
            self,
            origins=dict(self.origins),
            plain=set(self.plain),
            classes=set(self.classes),
            decorators=set(self.decorators),
        )

    def bind(self, name: str, origin: ImportedName | None = None) -> None:
        """Take note of a name that gets a value."""
        for kind in (self.plain, self.classes, self.decorators):
            kind.discard(name)
        self.origins[name] = origin

    def is_value(self, node: ast.expr) -> bool:
        """Return whether evaluating an expression changes nothing, whatever its names hold."""
        match node:
            case ast.Lambda(ast.arguments(defaults=[], kw_defaults=[])):
                return True
            case ast.Name(name):
                return name in _OF_A_MODULE or self.origin_of(name) != _UNKNOWN
            case ast.Tuple(parts) | ast.List(parts) | ast.Set(parts):
                return all(map(self.is_value, parts))
            case ast.Dict(keys, values):
                are_plain = all(key is not None and self.is_plain(key) for key in keys)
                return are_plain and all(map(self.is_value, values))
            case ast.Attribute():
                return bool(self._module_named(node))
            case ast.Call(function, arguments, keywords):
                arguments = [*arguments, *(word.value for word in keywords if word.arg)]
                is_complete = all(word.arg for word in keywords)
                return (
                    is_complete and self.is_pure(function) and all(map(self._is_given, arguments))
                )
            case ast.Subscript():
                return self.is_type(node)
        return self.is_plain(node)

    def is_member(self, node: ast.expr) -> bool:
        """Return whether a class may give a name to the value of an expression.

        Python calls the value's `__set_name__()`, and reads what is given to `__slots__`.
        """
        match node:
            case ast.Name(name) if self.origin_of(name) == _MADE_HERE:
                return True
            case ast.Name() | ast.Attribute():
                return self.is_plain(node) or self.is_base(node)
        return self.is_value(node)

    def is_plain(self, node: ast.expr) -> bool:
        """Return whether an expression is made of numbers, texts and the like alone."""
        match node:
            case ast.Constant():
                return True
            case ast.Name(name) if name in self.plain:
                return True
            case ast.Name() | ast.Attribute():
                origin = self._origin_of(node)
                there = self.definitions_of(origin.module)
                return there is not None and origin.name in there.plain
            case ast.UnaryOp(_, operand):
                return self.is_plain(operand)
            case ast.FormattedValue(operand, _, form):
                return self.is_plain(operand) and (form is None or self.is_plain(form))
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right):
                return self.is_plain(left) and self.is_plain(right)
            case ast.JoinedStr(parts) | ast.Tuple(parts):
                return all(map(self.is_plain, parts))
        return False

    def is_type(self, node: ast.expr) -> bool:
        """Return whether an expression is one of types, as annotations are."""
        match node:
            case ast.Attribute(ast.Name(name), attribute) if attribute in _OF_PARAMETERS:
                return self.origin_of(name) == _MADE_HERE
            case ast.Subscript(value, inner):
                package = self._origin_of(value).module.partition(".")[0]
                is_generic = package in _WITH_GENERICS or self.is_base(value)
                return is_generic and self.is_type(inner)
            case ast.BinOp(left, ast.BitOr(), right):
                return self.is_type(left) and self.is_type(right)
            case ast.Tuple(parts) | ast.List(parts):
                return all(map(self.is_type, parts))
        return self.is_value(node)

    def is_pure(self, node: ast.expr) -> bool:
        """Return whether a call of what an expression names only makes an object."""
        match node:
            case ast.Name() | ast.Attribute():
                origin = self._origin_of(node)
                return origin.name in PURE_NAMES.get(origin.module, ())
            case ast.Subscript(value, inner):
                return self.is_pure(value) and self.is_type(inner)
        return False

    def is_base(self, node: ast.expr) -> bool:
        """Return whether a class may inherit from what an expression names, without effect."""
        match node:
            case ast.Name(name) if name in self.classes:
                return True
            case ast.Name() | ast.Attribute():
                origin = self._origin_of(node)
                there = self.definitions_of(origin.module)
                return self.is_pure(node) or (there is not None and origin.name in there.classes)
            case ast.Subscript(value, inner):
                return self.is_base(value) and self.is_type(inner)
        return self.is_pure(node)

    def is_decorator(self, node: ast.expr) -> bool:
        """Return whether a decorator does nothing but wrap what it decorates."""
        match node:
            case ast.Name(name) if name in self.decorators:
                return True
            case ast.Attribute(ast.Name(name), attribute) if attribute in _OF_A_PROPERTY:
                return self.origin_of(name) == _MADE_HERE
            case ast.Name() | ast.Attribute():
                origin = self._origin_of(node)
                there = self.definitions_of(origin.module)
                return self.is_pure(node) or (there is not None and origin.name in there.decorators)
            case ast.Call():
                return self.is_value(node)
        return self.is_pure(node)

    def origin_of(self, name: str) -> ImportedName:
        """Return where a name comes from, and note a builtin one, which may be replaced."""
        if name in self.origins:
            return self.origins[name] or _MADE_HERE
        if not hasattr(builtins, name):
            return _UNKNOWN
        origin = ImportedName("builtins", name)
        self.reads.add(origin)
        return origin

    def origin_of_value(self, node: ast.expr) -> ImportedName | None:
        """Return where the value of an expression comes from; None: it was made here."""
        match node:
            case ast.Name() | ast.Attribute():
                origin = self._origin_of(node)
                return None if origin == _MADE_HERE else origin
        return None

    def _is_given(self, node: ast.expr) -> bool:
        """Return whether an argument is the same whenever the call is made."""
        match node:
            case ast.Tuple(parts) | ast.List(parts) | ast.Set(parts):
                return all(map(self._is_given, parts))
            case ast.Dict(keys, values):
                parts = [*filter(None, keys), *values]
                return None not in keys and all(map(self._is_given, parts))
            case ast.Name(name):
                return self.is_plain(node) or self.origin_of(name).module == "builtins"
            case ast.Call() | ast.Lambda():
                return self.is_value(node)
        return self.is_plain(node)

    def _origin_of(self, node: ast.expr) -> ImportedName:
        """Return where the value of `name` or of `module.name` comes from, and note the reading."""
        match node:
            case ast.Name(name):
                return self.origin_of(name)
            case ast.Attribute(value, attribute) if module := self._module_named(value):
                origin = ImportedName(module, attribute)
                self.reads.add(origin)
                return origin
        return _UNKNOWN

    def _module_named(self, node: ast.expr) -> str:
        """Return the module that an expression names, if it is one; "" if it can't be."""
        origin = self._origin_of(node)
        if origin in (_MADE_HERE, _UNKNOWN):
            return ""
        return f"{origin.module}.{origin.name}" if origin.name else origin.module
