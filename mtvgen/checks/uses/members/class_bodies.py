"""Names of attributes in the bodies of classes: defined, read, and in texts of SQLAlchemy's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from mtvgen.checks import python_types as types
from mtvgen.checks.places import Place
from mtvgen.checks.python.classes.form_classes import COLUMN, FORMS, find_form_class
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.types import Types
from mtvgen.checks.uses.members.families import defining
from mtvgen.checks.uses.members.found import Found, place_of_text

# What SQLAlchemy evaluates as Python, with the models by their names: `order_by="Note.title"`.
_EVALUATED = frozenset({"order_by", "primaryjoin", "secondaryjoin", "foreign_keys", "remote_side"})
_OF_KEYS = frozenset({"attribute_keyed_dict", "attribute_mapped_collection"})
_OWN_SCOPES = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ROWS = frozenset({f"{FORMS}.rows", f"{FORMS}.extras.rows"})


class ClassBodies:
    """Finds a name in the bodies of classes.

    Args:
        sources: The project's files.
        project_types: The types of the project.
    """

    def __init__(self, sources: Sources, project_types: Types) -> None:
        self._sources = sources
        self._types = project_types

    def find(self, module: Module, name: str) -> Iterator[Found]:
        """Yield where the classes of a file name an attribute.

        Args:
            module: The file.
            name: The attribute.
        """
        for node in module.classes.values():
            own = f"{module.name}.{node.name}"
            yield from _defined(module, node, name, own)
            for statement in node.body:
                yield from self._in_texts(module, statement, name, own)

    def _in_texts(
        self, module: Module, statement: ast.stmt, name: str, own: str
    ) -> Iterator[Found]:
        """Yield where a text that a class hands on names an attribute, of itself or another."""
        target = self._related(statement, own)
        for node in _at_class_level(statement):
            if not isinstance(node, ast.Call):
                continue
            called = module.dotted_name(node.func).rpartition(".")[2]
            for text, owner in self._texts(module, node, called, own, target):
                if owner and text.value == name:
                    place = place_of_text(module, text)
                    if place is not None:
                        yield Found(name, place, owner)
            yield from self._in_evaluated(module, node, name)
        if isinstance(statement, ast.Assign):
            yield from _polymorphic_on(module, statement, name, own)
        yield from self._in_field(module, statement, name, own)

    def _texts(
        self, module: Module, call: ast.Call, called: str, own: str, target: str
    ) -> Iterator[tuple[ast.Constant, str]]:
        """Yield the texts of a call that name an attribute, and the class that it is of."""
        first, second, *_ = [*call.args[:2], None, None]
        if called == "association_proxy":
            yield from _constants(first, own)
            named = first.value if isinstance(first, ast.Constant) else ""
            yield from _constants(second, self._target_of(own, str(named)))
        elif called == "synonym":
            yield from _constants(first, own)
        elif called == "validates":
            for argument in call.args:
                yield from _constants(argument, own)
        elif called in _OF_KEYS or called == "backref":
            yield from _constants(first, target)
        for keyword in call.keywords:
            if keyword.arg in ("back_populates", "backref"):
                yield from _constants(keyword.value, target)

    def _in_evaluated(self, module: Module, call: ast.Call, name: str) -> Iterator[Found]:
        """Yield where a text that SQLAlchemy evaluates names an attribute of a model."""
        for keyword in call.keywords:
            value = keyword.value
            is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
            if keyword.arg not in _EVALUATED or not is_text:
                continue
            place = place_of_text(module, value)  # type: ignore[arg-type]  # a Constant
            for match in re.finditer(rf"\b(\w+)\.{re.escape(name)}\b", value.value):  # type: ignore[attr-defined]  # the same
                owner = self._named(match[1])
                if place is not None and owner:
                    column = place.column + match.end(1) + 1
                    part = place._replace(column=column, end_column=column + len(name))
                    yield Found(name, part, owner)

    def _in_field(
        self, module: Module, statement: ast.stmt, name: str, own: str
    ) -> Iterator[Found]:
        """Yield where a form's field names an attribute in quotes.

        `Annotated[Maker, rows("name")]` does of Maker, `Annotated[str, column("title")]` of what
        the form is saved as.
        """
        parts = list(ast.walk(statement.annotation)) if isinstance(statement, ast.AnnAssign) else []
        for node in (one for one in parts if isinstance(one, ast.Call) and one.args):
            called, first = module.dotted_name(node.func), node.args[0]
            if not isinstance(first, ast.Constant) or first.value != name:
                continue
            place, classes = place_of_text(module, first), set()
            if called in _ROWS:
                classes = {self._sources.resolve(module.dotted_name(part)) for part in parts}
            elif called in COLUMN:
                form = find_form_class(own, self._sources)
                classes = {form.model} if form is not None else set()
            for dotted in sorted(classes):
                if place is not None and self._sources.find_class(dotted) is not None:
                    yield Found(name, place, dotted, is_of_field=called in COLUMN)

    def _named(self, name: str) -> str:
        """Return the class of a name that SQLAlchemy knows it by; empty where two have it."""
        found = [
            f"{module.name}.{name}"
            for module in self._sources.modules.values()
            if name in module.classes
        ]
        return found[0] if len(found) == 1 else ""

    def _related(self, statement: ast.stmt, own: str) -> str:
        """Return the class that the relationship of a statement leads to; empty for any other."""
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]  # type: ignore[assignment]  # a name, or none of ours
        return self._target_of(own, target.id) if isinstance(target, ast.Name) else ""

    def _target_of(self, own: str, relationship: str) -> str:
        for one in self._types.descendants(own):  # a mixin has no mapping of its own
            fact = self._types.class_fact(one)
            kind = fact.attributes.get(relationship) if fact is not None else None
            if isinstance(kind, types.ListOf | types.IterableOf):
                kind = kind.element
            if isinstance(kind, types.Instance):
                return self._sources.resolve(kind.dotted)
        return ""


def definitions_of(sources: Sources, dotted: str, name: str) -> Iterator[Found]:
    """Yield where a class and those that it inherits from define an attribute.

    Args:
        sources: The project's files.
        dotted: The resolved dotted name of the class.
        name: The attribute.
    """
    for owner in sources.ancestors(dotted):
        definition = sources.find_class(owner)
        if definition is not None:
            for statement in defining(definition[1], name):
                for target in _targets(statement, name):
                    yield Found(name, definition[0].place(target), owner, is_definition=True)


def _defined(module: Module, node: ast.ClassDef, name: str, own: str) -> Iterator[Found]:
    """Yield where a class defines an attribute, and where its body reads it after that."""
    definitions = list(defining(node, name))
    for statement in definitions:
        for target in _targets(statement, name):
            yield Found(name, module.place(target), own, is_definition=True)
    seen = False
    for statement in node.body:
        for inner in _at_class_level(statement) if seen else ():
            is_same = isinstance(inner, ast.Name) and inner.id == name
            if is_same and isinstance(inner.ctx, ast.Load):  # type: ignore[attr-defined]  # a Name
                yield Found(name, module.place(inner), own)
        seen = seen or statement in definitions


def _targets(statement: ast.stmt, name: str) -> list[ast.AST]:
    if isinstance(statement, ast.AnnAssign):
        return [statement.target]
    if isinstance(statement, ast.Assign):
        return [one for one in statement.targets if isinstance(one, ast.Name) and one.id == name]
    return [statement]


def _at_class_level(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes that a statement of a class evaluates in the class itself."""
    waiting: list[ast.AST] = []
    match statement:
        case ast.AnnAssign(value=value):
            waiting = [value] if value is not None else []
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            given = [*statement.args.defaults, *statement.args.kw_defaults]
            waiting = [*statement.decorator_list, *(one for one in given if one is not None)]
        case ast.ClassDef():
            pass
        case _:
            waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += (
            child for child in ast.iter_child_nodes(node) if not isinstance(child, _OWN_SCOPES)
        )


def _constants(node: ast.expr | None, owner: str) -> Iterator[tuple[ast.Constant, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node, owner


def _polymorphic_on(module: Module, statement: ast.Assign, name: str, own: str) -> Iterator[Found]:
    """Yield the text in `__mapper_args__ = {"polymorphic_on": "kind"}`."""
    value = statement.value
    pairs: Mapping[object, ast.expr] = {}
    if isinstance(value, ast.Dict):
        pairs = {
            key.value: item
            for key, item in zip(value.keys, value.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    text = pairs.get("polymorphic_on")
    if isinstance(text, ast.Constant) and text.value == name:
        place: Place | None = place_of_text(module, text)
        if place is not None:
            yield Found(name, place, own)
