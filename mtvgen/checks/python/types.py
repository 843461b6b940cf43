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
from functools import cached_property
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.classes.class_facts import ClassFacts
from mtvgen.checks.python.classes.form_classes import form_made_by
from mtvgen.checks.python.classes.runtime_classes import returned_by, type_parameters
from mtvgen.checks.python.generics import substituted, type_variables
from mtvgen.checks.python.runtime_names import is_of_runtime
from mtvgen.checks.python.sources import Sources
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
        self._class_facts = ClassFacts(sources, classes, others or {})
        self._returned = returned or {}
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
            if form:
                return types.Instance(form)
            is_ours = is_of_runtime(name)
            return self._instance(name) or (self.resolve(returned_by(name)) if is_ours else None)
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
        return self._class_facts.of(name)


def _public(names: Iterable[str]) -> str:
    return " ".join(name for name in names if not name.startswith("_"))


def article(name: str) -> str:
    """Return a type in words: `a datetime`, `an int`."""
    short = name.rpartition(".")[2]
    return f"{'an' if short[0] in 'aeioAEIO' else 'a'} {short}"
