"""Types of Python values that can be read off the source, and the attributes that they have.

A type is a tuple, like the values of templates, and says how to come by it:

    ("name", "models.Note")      what a dotted name stands for: a class, a function, a value
    ("inst", type)               an instance of a class
    ("callof", type) ("attrof", type, "author") ("elemof", type) ("itemof", type, index)
    ("list", type) ("scalars", type) ("result", type) ("select", type) ("tuple", (type, ...))
    ("dict", type)               its values' type
    ("py", "str")                an instance of a class of Python's own
    ("param", "views.notes.show", "note", type)   a parameter, with its annotation
    ("generic", ("name", "pages.Page"), (type, ...))
    ("choice", type, type)       one of several literal texts
    ("partial", call)  ("url_for", is_certain)    what is only called
    ("const", "edit")            a literal; ("none",) is None, which is not held against a name

Names are looked up only when a template asks for an attribute, so a file is read by itself.
"""

from __future__ import annotations

import ast
import builtins
import datetime
import decimal
import pathlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from mtvgen.checks.facts import ClassFact, KnownType, Type
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.generics import substituted, type_variables
from mtvgen.checks.python.sources import Module, Sources
from mtvgen.checks.python.stored_attributes import stored_on_self

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


class Types:
    """Looks types up.

    Args:
        sources: The project's files.
        classes: What the running project knows of its models, by dotted name; it sees mixins,
            backrefs and hybrids, which the source alone does not show.
    """

    def __init__(self, sources: Sources, classes: Mapping[str, ClassFact]) -> None:
        self._sources = sources
        self._classes = classes
        self._read: dict[str, ClassFact | None] = {}
        self._resolved: dict[KnownType, Type] = {}

    def attribute_error(self, kind: Type, name: str) -> tuple[str, str] | None:
        """Whose attribute is missing, and what it has; None where it may exist.

        Returns:
            The class in words, such as `Note` or `a list`, and the known names as one text,
            separated by blanks.
        """
        kind = self.resolve(kind)
        if kind is None:
            return None
        if kind[0] in ("list", "scalars", "result"):
            return None if hasattr([], name) or kind[0] != "list" else ("a list", "")
        if kind[0] == "py" and kind[1] in PYTHON_CLASSES:
            known = dir(PYTHON_CLASSES[kind[1]])
            return None if name in known else (_article(kind[1]), _public(known))
        if kind[0] in ("inst", "generic"):
            fact = self._class(kind[1][1])
            if fact is not None and not self._may_have(kind[1][1], name):
                return (fact.name, _public(fact.attributes))
        return None

    def _may_have(self, class_name: str, attribute: str) -> bool:
        """Return whether a class, a child of it, or whatever code writes to has an attribute."""
        if attribute in self._stored:
            return True
        waiting, seen = [class_name], set()
        while waiting:
            name = waiting.pop()
            fact = self._class(name)
            if fact is None or attribute in fact.attributes:
                return True
            seen.add(name)
            waiting += [child for child in self._children.get(name, ()) if child not in seen]
        return False

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
        if kind not in self._resolved:
            self._resolved[kind] = None  # a type that leads to itself is unknown
            self._resolved[kind] = self._resolve(kind)
        return self._resolved[kind]

    def _resolve(self, kind: KnownType) -> Type:
        sort = kind[0]
        if sort == "inst":
            return self._instance(kind[1])
        if sort == "const":
            name = type(kind[1]).__name__
            return ("py", name) if name in PYTHON_CLASSES else None
        if sort == "param":
            return self.resolve(kind[3])
        if sort == "choice":
            return ("py", "str")
        if sort == "generic":
            name = self._sources.resolve(kind[1][1])
            return ("generic", ("name", name), kind[2]) if self._class(name) is not None else None
        if sort == "callof":
            return self._call(self._callee(kind[1]))
        if sort == "attrof":
            return self._attribute(self.resolve(kind[1]), kind[2])
        if sort in ("elemof", "itemof"):
            return self._element(self.resolve(kind[1]), kind)
        return kind

    def _callee(self, kind: Type) -> Type:
        """Return what is called; a name is a class or a function, and stays one."""
        if kind is not None and kind[0] == "name":
            return ("name", self._sources.resolve(kind[1]))
        return self.resolve(kind)

    def _instance(self, kind: Type) -> Type:
        if kind is None or kind[0] != "name":
            return self.resolve(kind)
        name = self._sources.resolve(kind[1])
        if name.removeprefix("builtins.") in PYTHON_CLASSES:
            return ("py", name.removeprefix("builtins."))
        return ("inst", ("name", name)) if self._class(name) is not None else None

    def _call(self, callee: Type) -> Type:
        if callee is None:
            return None
        if callee[0] == "returns":
            return self.resolve(callee[1])
        if callee[0] != "name":
            return None
        definition = self._sources.find_function(callee[1])
        if definition is None:
            return self._instance(callee)
        module, function = definition
        if function.decorator_list or isinstance(function, ast.AsyncFunctionDef):
            return None
        return self.resolve(annotated_type(function.returns, module))

    def _attribute(self, kind: Type, name: str) -> Type:
        if kind is None or kind[0] not in ("inst", "generic"):
            return None
        fact = self._class(kind[1][1])
        found = fact.attributes.get(name) if fact is not None else None
        if kind[0] == "generic":
            module, node = self._sources.find_class(kind[1][1]) or (None, None)
            variables = type_variables(node, module) if node and module else []
            found = substituted(found, dict(zip(variables, kind[2], strict=False)))
        return self.resolve(found)

    def _element(self, kind: Type, asked: KnownType) -> Type:
        if kind is None:
            return None
        if kind[0] == "tuple" and asked[0] == "itemof":
            index = asked[2]
            items = kind[1]
            in_range = isinstance(index, int) and -len(items) <= index < len(items)
            return self.resolve(items[index]) if in_range else None
        if kind[0] == "dict":
            return self.resolve(kind[1]) if asked[0] == "itemof" else None
        if kind[0] in ("list", "scalars"):
            return self.resolve(kind[1])
        return None

    def _class(self, name: str) -> ClassFact | None:
        """Return what is known of a class; None where it may have any attribute."""
        if name not in self._read:
            self._read[name] = None
            is_model = name in self._classes
            self._read[name] = self._model(name) if is_model else self._read_class(name)
        return self._read[name]

    def _model(self, name: str) -> ClassFact | None:
        """Return what SQLAlchemy knows of a model, and what its methods and its mixins' store."""
        fact, stored = self._classes[name], self._stored_by_methods(name)
        if stored is None:
            return None
        return ClassFact(fact.name, {**dict.fromkeys(stored), **fact.attributes})

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
        fact = self._class(name)
        return fact.attributes if fact is not None else None


def _called(decorator: ast.expr) -> ast.expr:
    """`dataclass` of `@dataclass(frozen=True)`, and of `@dataclass`."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _public(names: Iterable[str]) -> str:
    return " ".join(name for name in names if not name.startswith("_"))


def _article(name: str) -> str:
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
    return None if decorators or returned is None else ("returns", returned)
