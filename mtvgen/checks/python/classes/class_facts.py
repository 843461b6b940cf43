"""The attributes of a class, put together from all who know it: SQLAlchemy, forms, its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mtvgen.checks import python_types as types
from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.classes.form_classes import form_fact
from mtvgen.checks.python.classes.runtime_classes import runtime_class
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import is_of_accounts, is_of_models, is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.stored_attributes import stored_on_self
from mtvgen.checks.python_types import Type

_PLAIN_DECORATORS = frozenset({"dataclass", "dataclasses.dataclass", "final", "typing.final"})
# A protocol is not among them: who has what it asks for may have anything else.
_PLAIN_BASES = frozenset({"object", "abc.ABC", "enum.Enum", "typing.Generic"})


class ClassFacts:
    """Looks classes up, each of them once.

    Args:
        sources: The project's files.
        models: What the running project knows of its models, by dotted name.
        others: What it knows of other classes.
    """

    def __init__(
        self,
        sources: Sources,
        models: Mapping[str, ClassFact],
        others: Mapping[str, ClassFact],
    ) -> None:
        self._sources = sources
        self._models = models
        self._others = others
        self._read: dict[str, ClassFact | None] = {}

    def of(self, name: str) -> ClassFact | None:
        """Return what is known of a class; None where it may have any attribute."""
        if name not in self._read:
            self._read[name] = None  # a class that inherits from itself is unknown
            self._read[name] = self._look_up(name)
        return self._read[name]

    def _look_up(self, name: str) -> ClassFact | None:
        if name in self._models:
            return self._model(name)
        if name in self._others:
            return self._others[name]
        form = form_fact(name, self._sources)
        if form is not None:
            return form
        if is_of_runtime(name):
            # What inherits from Model has what its tables have, which the project alone knows; and
            # on a site without accounts, request.user is whatever its own code says.
            is_known = not is_of_models(name) and not is_of_accounts(name)
            return runtime_class(name) if is_known else None
        return self._written_class(name)

    def _model(self, name: str) -> ClassFact | None:
        """Return what SQLAlchemy knows of a model, and what its methods and its mixins' store."""
        fact, stored = self._models[name], self._stored_by_methods(name)
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

    def _written_class(self, name: str) -> ClassFact | None:
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
        fact = self.of(name)
        return fact.attributes if fact is not None else None


def _called(decorator: ast.expr) -> ast.expr:
    """`dataclass` of `@record(frozen=True)`, and of `@dataclass`."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


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
