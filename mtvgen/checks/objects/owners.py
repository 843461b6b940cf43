"""Owners of attributes: models and their objects, requests, settings, what the runtime has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from functools import cached_property
from types import ModuleType
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.facts import ClassFact
from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.python.classes.form_classes import is_filled_form
from mtvgen.checks.python.classes.runtime_classes import runtime_object
from mtvgen.checks.python.runtime_names import is_of_models, is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.python_types import Type
from mtvgen.records import record


@record(frozen=True, slots=True)
class Owner:
    """What an attribute is asked of.

    Attributes:
        shown: As sentences name it: `Note`, `a list`.
        names: The attributes that it has.
        class_name: The dotted name of its class; empty where it has none that others inherit from.
        is_model: Whether it is an object of a model, or a model.
        is_class: Whether it is the model itself, which has nothing that its objects are given.
    """

    shown: str
    names: Iterable[str]
    class_name: str = ""
    is_model: bool = False
    is_class: bool = False


class Owners:
    """Finds out what an attribute is asked of, and whether that may have it.

    Args:
        sources: The project's files.
        classes: Its models, by dotted name.
        objects: Its settings by dotted name, and the class of a database session.
        project_types: The types of the project.
        all_uses: What each of its files asks of objects.
    """

    def __init__(
        self,
        sources: Sources,
        classes: Mapping[str, ClassFact],
        objects: Mapping[str, ClassFact],
        project_types: Types,
        all_uses: Iterable[Uses],
    ) -> None:
        self._sources = sources
        self.classes = classes
        self._objects = objects
        self.types = project_types
        self._all_uses = tuple(all_uses)
        # A file mostly asks many attributes of few types.
        self._of_types: dict[Type, Owner | None] = {}

    def owner(self, kind: Type) -> Owner | None:
        """Return what a type is; None where that may have any attribute."""
        if kind not in self._of_types:
            self._of_types[kind] = self._owner(kind)
        return self._of_types[kind]

    def _owner(self, kind: Type) -> Owner | None:
        resolved = self.types.resolve(kind)
        match resolved:
            case types.Name(dotted):
                return self._named(self._sources.resolve(dotted))
            case types.Instance(dotted) | types.Generic(dotted):
                is_ours = dotted in self.classes or dotted in self._objects or is_of_runtime(dotted)
                is_known = is_ours or is_filled_form(dotted)
                fact = self.types.class_fact(dotted) if is_known else None
                if fact is None:
                    return None
                return Owner(fact.name, fact.attributes, dotted, is_model=dotted in self.classes)
            case types.ListOf():
                return Owner("a list", dir(list))
            case types.Direct() | types.Derived() | None:
                return None
            case _:
                assert_never(resolved)

    def _named(self, name: str) -> Owner | None:
        """Return the owner of `Note.title`, `settings.debug` or `runtime.render`."""
        if name in self._objects:
            fact = self._objects[name]
            return Owner(fact.name, fact.attributes)
        model = self.types.class_fact(name) if name in self.classes else None
        if model is not None:
            return Owner(model.name, {*model.attributes, *dir(type)}, name, True, True)
        is_ours = is_of_runtime(f"{name}.") and not is_of_models(name)
        found = runtime_object(name) if is_ours else None
        if isinstance(found, ModuleType | type):
            return Owner(found.__name__, {*dir(found), *dir(type(found))})
        return None

    def target_of_relation(self, kind: Type) -> ClassFact | None:
        """Return the model that `Note.author` leads to; None for all but relations of models."""
        if not isinstance(kind, types.Name):
            return None
        model, _, attribute = self._sources.resolve(kind.dotted).rpartition(".")
        fact = self.classes.get(model)
        relation = fact.attributes.get(attribute) if fact is not None else None
        inner = relation.element if isinstance(relation, types.ListOf) else relation
        return self.classes.get(inner.dotted) if isinstance(inner, types.Instance) else None

    def may_have(self, owner: Owner, attribute: str) -> bool:
        """Return whether an owner has an attribute, or some code may have given it one."""
        if attribute in owner.names or attribute in self.stored.anywhere:
            return True
        if not owner.class_name:
            return False
        givers = set(self.stored.on_classes.get(attribute, ()))
        if not owner.is_class:
            givers |= self.stored.on_objects.get(attribute, set())
        return self._is_of_child(owner, attribute) or any(
            self.are_kin(giver, owner.class_name) for giver in givers
        )

    def is_known(self, owner: Owner, attribute: str) -> bool:
        """Return whether an owner has an attribute by its own class, or by one that inherits."""
        return attribute in owner.names or self._is_of_child(owner, attribute)

    def _is_of_child(self, owner: Owner, attribute: str) -> bool:
        facts = map(self.types.class_fact, self.types.descendants(owner.class_name))
        return any(fact is None or attribute in fact.attributes for fact in facts)

    def is_something_else(self, name: str) -> bool:
        """Return whether a dotted name surely stands for no model: for settings, a plain class."""
        is_class = self._sources.find_class(name) is not None
        is_plain = is_class and self.types.class_fact(name) is not None
        return name not in self.classes and (name in self._objects or is_plain)

    @property
    def are_read_by_computed_names(self) -> bool:
        """Whether some code reads or stores attributes whose names it computes."""
        return any(module.stored.computed for module in self._sources.modules.values())

    def are_kin(self, one: str, other: str) -> bool:
        """Return whether one class inherits from the other, or is the same."""
        descendants = self.types.descendants
        return other in descendants(one) or one in descendants(other)

    @cached_property
    def stored(self) -> Stored:
        """The attributes that the project's code gives to objects."""
        modules = self._sources.modules.values()
        anywhere = {name for uses in self._all_uses for name in uses.stored_anywhere}
        if self.are_read_by_computed_names:
            anywhere.update(*(module.possible_names for module in modules))
        on_classes: dict[str, set[str]] = defaultdict(set)
        on_objects: dict[str, set[str]] = defaultdict(set)
        for use in (use for uses in self._all_uses for use in uses.stores):
            resolved = self.types.resolve(use.owner)
            if isinstance(resolved, types.Name):
                on_classes[use.node.attr].add(self._sources.resolve(resolved.dotted))
            elif isinstance(resolved, types.Instance | types.Generic):
                on_objects[use.node.attr].add(resolved.dotted)
            else:
                anywhere.add(use.node.attr)
        return Stored(anywhere, on_classes, on_objects)


@record(frozen=True)
class Stored:
    """The names of attributes that code gives to objects.

    Attributes:
        anywhere: To those of which the class is not known.
        on_classes: To classes themselves: for each name, these classes.
        on_objects: To others: for each name, their classes.
    """

    anywhere: Set[str]
    on_classes: Mapping[str, Set[str]]
    on_objects: Mapping[str, Set[str]]
