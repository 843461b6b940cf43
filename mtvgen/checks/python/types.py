"""Types of Python values, looked up in the project's files, and the attributes that they have."""

from __future__ import annotations

import ast
import builtins
import datetime
import decimal
import pathlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.form_classes import form_fact, form_made_by
from mtvgen.checks.python.generics import substituted, type_variables
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_classes import runtime_class, type_parameters
from mtvgen.checks.python.runtime_names import is_of_accounts, is_of_models, is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.stored_attributes import stored_on_self
from mtvgen.checks.python_types import KnownType, Type

# Classes of Python's own whose instances templates print, by the dotted name of an annotation.
PYTHON_CLASSES: dict[str, type] = {
    **{name: getattr(builtins, name) for name in ("str", "int", "float", "bool", "bytes")},
    "datetime.datetime": datetime.datetime,
    "datetime.date": datetime.date,
    "datetime.time": datetime.time,
    "datetime.timedelta": datetime.timedelta,
    "decimal.Decimal": decimal.Decimal,
    "uuid.UUID": uuid.UUID,
    "pathlib.Path": pathlib.Path,
}
_PLAIN_DECORATORS = frozenset({"dataclass", "dataclasses.dataclass", "final", "typing.final"})
# A protocol is not among them: who has what it asks for may have anything else.
_PLAIN_BASES = frozenset({"object", "abc.ABC", "enum.Enum", "typing.Generic"})

# What SQLAlchemy gives every model, and nobody means in a template.
_OF_EVERY_MODEL = frozenset({"metadata", "registry", "type_annotation_map"})


class Types:
    """Looks types up.

    Args:
        sources: The project's files.
        classes: What the running project knows of its models, by dotted name; it sees mixins,
            backrefs and hybrids, which the source alone does not show.
        returned: What functions without an annotation return, by dotted name.
        others: What it knows of other classes, such as that of a database session.
    """

    def __init__(
        self,
        sources: Sources,
        classes: Mapping[str, ClassFact],
        returned: Mapping[str, Type] | None = None,
        others: Mapping[str, ClassFact] | None = None,
    ) -> None:
        self._sources = sources
        self._classes = classes
        self._returned = returned or {}
        self._others = others or {}
        self._read: dict[str, ClassFact | None] = {}
        self._resolved: dict[KnownType, Type] = {}

    def attribute_error(self, kind: Type, name: str) -> tuple[str, str] | None:
        """Whose attribute is missing, and what it has; None where it may exist.

        Returns:
            The class in words, such as `Note` or `a list`, and the known names as one text,
            separated by blanks.
        """
        resolved = self.resolve(kind)
        match resolved:
            case types.Instance(dotted) | types.Generic(dotted):
                fact = self.class_fact(dotted)
                if fact is None or name in fact.attributes or self._may_have(dotted, name):
                    return None
                if "__getitem__" in fact.attributes:  # templates look there, too
                    return None
                return (fact.name, _public(fact.attributes))
            case types.ListOf():
                return None if hasattr([], name) else ("a list", "")
            case types.Builtin(builtin):
                known = dir(PYTHON_CLASSES[builtin])
                return None if name in known else (article(builtin), _public(known))
            case types.Direct() | types.Derived() | None:
                return None
            case _:
                assert_never(resolved)

    def members(self, kind: Type) -> Mapping[str, Type]:
        """Return the attributes that a value of a type is known to have, those for people."""
        known: Mapping[str, Type] = {}
        resolved = self.resolve(kind)
        if isinstance(resolved, types.Instance | types.Generic):
            fact = self.class_fact(resolved.dotted)
            known = fact.attributes if fact is not None else {}
        elif isinstance(resolved, types.Builtin):
            known = dict.fromkeys(dir(PYTHON_CLASSES[resolved.name]))
        return {
            name: type_
            for name, type_ in known.items()
            if not name.startswith("_") and name not in _OF_EVERY_MODEL
        }

    def _may_have(self, class_name: str, attribute: str) -> bool:
        """Return whether a class, a child of it, or whatever code writes to has an attribute."""
        if attribute in self._stored:
            return True
        facts = (self.class_fact(name) for name in self.descendants(class_name))
        return any(fact is None or attribute in fact.attributes for fact in facts)

    def descendants(self, class_name: str) -> Iterator[str]:
        """Yield a class, those that inherit from it, and those that inherit from them."""
        waiting, seen = [class_name], set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                yield name
                waiting += self._children.get(name, ())

    @cached_property
    def _stored(self) -> frozenset[str]:
        """The names that the project's code stores on objects of which the class is not known."""
        modules = self._sources.modules.values()
        names = [module.stored.for_all for module in modules]
        if any(module.stored.computed for module in modules):
            names += [module.possible_names for module in modules]
        return frozenset().union(*names)

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        """For each class, those that inherit from it directly."""
        children: dict[str, list[str]] = defaultdict(list)
        for module in self._sources.modules.values():
            for node in module.classes.values():
                for base in node.bases:
                    parent = self._sources.resolve(module.dotted_name(base))
                    children[parent].append(f"{module.name}.{node.name}")
        return children

    def resolve(self, kind: Type) -> Type:
        """Return a type with every name looked up; None where that leads to nothing known."""
        if kind is None:
            return None
        try:
            return self._resolved[kind]  # hashed once: that costs more than the rest
        except KeyError:
            self._resolved[kind] = None  # a type that leads to itself is unknown
        resolved = self._resolved[kind] = self._resolve(kind)
        return resolved

    def _resolve(self, kind: KnownType) -> Type:
        match kind:
            case types.Instance(dotted):
                return self._instance(dotted)
            case types.Generic(dotted, arguments):
                name = self._sources.resolve(dotted)
                return types.Generic(name, arguments) if self.class_fact(name) is not None else None
            case types.Literal(value):
                name = type(value).__name__
                return types.Builtin(name) if name in PYTHON_CLASSES else None
            case types.Choice():
                return types.Builtin("str")
            case types.Parameter():
                return self.resolve(kind.annotated)
            case types.Returned(callee):
                return self._call(callee)
            case types.Attribute(owner, name):
                return self._attribute(self.resolve(owner), name)
            case types.Element(source):
                return self._element(self.resolve(source))
            case types.Item(source, index):
                return self._item(self.resolve(source), index)
            case types.Direct():
                return kind
            case _:
                assert_never(kind)

    def _instance(self, dotted: str) -> Type:
        name = self._sources.resolve(dotted)
        if name.removeprefix("builtins.") in PYTHON_CLASSES:
            return types.Builtin(name.removeprefix("builtins."))
        return types.Instance(name) if self.class_fact(name) is not None else None

    def _call(self, callee: KnownType) -> Type:
        # A name is a class or a function, and stays one.
        called = callee if isinstance(callee, types.Name) else self.resolve(callee)
        if isinstance(called, types.Method):
            return self.resolve(called.returns)
        if not isinstance(called, types.Name):
            return None
        name = self._sources.resolve(called.dotted)
        definition = self._sources.find_function(name)
        if definition is None:
            form = form_made_by(name, self._sources)
            return types.Instance(form) if form else self._instance(name)
        module, function = definition
        if function.decorator_list or isinstance(function, ast.AsyncFunctionDef):
            return None
        if function.returns is None:
            return self.resolve(self._returned.get(name))
        return self.resolve(annotated_type(function.returns, module))

    def _attribute(self, owner: Type, name: str) -> Type:
        if not isinstance(owner, types.Instance | types.Generic):
            return None
        if is_of_runtime(owner.dotted) and name in self._stored:
            return None  # a middleware of the project's own may give `request.user` anything
        fact = self.class_fact(owner.dotted)
        found = fact.attributes.get(name) if fact is not None else None
        if isinstance(owner, types.Generic):
            found = self._substituted(found, owner)
        return self.resolve(found)

    def _substituted(self, found: Type, owner: types.Generic) -> Type:
        """Return the type of an attribute, with the type variables of its class filled in."""
        definition = self._sources.find_class(owner.dotted)
        if definition is not None:
            module, node = definition
            variables: Sequence[str] = type_variables(node, module)
        else:
            variables = type_parameters(owner.dotted)
        return substituted(found, dict(zip(variables, owner.arguments, strict=False)))

    def _element(self, source: Type) -> Type:
        if isinstance(source, types.ListOf | types.IterableOf):
            return self.resolve(source.element)
        return None

    def _item(self, source: Type, index: object) -> Type:
        if isinstance(source, types.DictOf):
            return self.resolve(source.values)
        if isinstance(source, types.Instance | types.Generic):
            getter = self._attribute(source, "__getitem__")
            return self.resolve(getter.returns) if isinstance(getter, types.Method) else None
        if not isinstance(source, types.TupleOf):
            return self._element(source)
        items = source.items
        if isinstance(index, int) and -len(items) <= index < len(items):
            return self.resolve(items[index])
        return None

    def class_fact(self, name: str) -> ClassFact | None:
        """Return what is known of a class; None where it may have any attribute."""
        if name not in self._read:
            self._read[name] = None
            if name in self._classes:
                self._read[name] = self._model(name)
            elif name in self._others:
                self._read[name] = self._others[name]
            elif (form := form_fact(name, self._sources)) is not None:
                self._read[name] = form
            elif is_of_runtime(name):
                # What inherits from Model has what its tables have, which the project alone knows;
                # and on a site without accounts, request.user is whatever its own code says.
                is_known = not is_of_models(name) and not is_of_accounts(name)
                self._read[name] = runtime_class(name) if is_known else None
            else:
                self._read[name] = self._read_class(name)
        return self._read[name]

    def _model(self, name: str) -> ClassFact | None:
        """Return what SQLAlchemy knows of a model, and what its methods and its mixins' store."""
        fact, stored = self._classes[name], self._stored_by_methods(name)
        if stored is None:
            return None
        attributes = {**dict.fromkeys(stored), **fact.attributes}
        for written, kind in self._written_members(name):
            if attributes.get(written) is None:
                attributes[written] = kind
        return replace(fact, attributes=attributes)

    def _written_members(self, name: str) -> Iterator[tuple[str, Type]]:
        """Yield the methods and properties of a model and its parents, with what they return."""
        for owner in self._sources.ancestors(name):
            definition = self._sources.find_class(owner)
            if definition is not None:
                module, node = definition
                for part in node.body:
                    if isinstance(part, ast.FunctionDef):
                        yield part.name, _method(part, module)

    def _stored_by_methods(self, name: str) -> set[str] | None:
        stored: set[str] = set()
        for node in self._sources.ancestors(name).values():
            own = stored_on_self(node) if node is not None else set()
            if own is None:
                return None
            stored |= own
        return stored

    def _read_class(self, name: str) -> ClassFact | None:
        definition = self._sources.find_class(name)
        if definition is None:
            return None
        module, node = definition
        if node.keywords or not self._decorators_are_plain(node, module):
            return None
        attributes: dict[str, Type] = {}
        for base in node.bases:
            inherited = self._base(base, module)
            if inherited is None:
                return None
            attributes.update(inherited)
        own = _own_attributes(node, module)
        if own is None:
            return None
        return ClassFact(node.name, {**dict.fromkeys(dir(object)), **attributes, **own})

    def _decorators_are_plain(self, node: ast.ClassDef, module: Module) -> bool:
        return all(
            self._sources.resolve(module.dotted_name(_called(decorator))) in _PLAIN_DECORATORS
            for decorator in node.decorator_list
        )

    def _base(self, base: ast.expr, module: Module) -> Mapping[str, Type] | None:
        plain = base.value if isinstance(base, ast.Subscript) else base
        name = self._sources.resolve(module.dotted_name(plain))
        if name.removeprefix("builtins.") in _PLAIN_BASES and name != "enum.Enum":
            return {}
        if name in ("typing.NamedTuple", "NamedTuple"):
            return dict.fromkeys(dir(tuple))
        fact = self.class_fact(name)
        return fact.attributes if fact is not None else None


def _called(decorator: ast.expr) -> ast.expr:
    """`dataclass` of `@record(frozen=True)`, and of `@dataclass`."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _public(names: Iterable[str]) -> str:
    return " ".join(name for name in names if not name.startswith("_"))


def article(name: str) -> str:
    """Return a type in words: `a datetime`, `an int`."""
    short = name.rpartition(".")[2]
    return f"{'an' if short[0] in 'aeioAEIO' else 'a'} {short}"


def _own_attributes(node: ast.ClassDef, module: Module) -> dict[str, Type] | None:
    """Return what a class body and its methods bind; None where that is not known."""
    stored = stored_on_self(node)
    if stored is None:
        return None
    attributes: dict[str, Type] = dict.fromkeys(stored)
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            attributes[part.target.id] = annotated_type(part.annotation, module)
        elif isinstance(part, ast.Assign):
            for target in part.targets:
                if not isinstance(target, ast.Name):
                    return None
                attributes[target.id] = None
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            if part.name in ("__getattr__", "__getattribute__", "__getitem__"):
                return None
            attributes[part.name] = _method(part, module)
        elif isinstance(part, ast.ClassDef):
            attributes[part.name] = None
        elif not isinstance(part, ast.Expr | ast.Pass):
            return None
    return attributes


def _method(node: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Type:
    decorators = [module.dotted_name(decorator) for decorator in node.decorator_list]
    returned = annotated_type(node.returns, module)
    if decorators in (["property"], ["functools.cached_property"]):
        return returned
    return None if decorators or returned is None else types.Method(returned)
