"""Names of attributes in the code of Python files: read, stored, passed by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from mtvgen import runtime
from mtvgen.checks import python_types as types
from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.python.types import Types
from mtvgen.checks.python_types import Type
from mtvgen.checks.uses.members.found import Found, place_of_text, span_of

Span: TypeAlias = "tuple[int | None, ...]"

# Named, and not imported: it would load Werkzeug.
_TESTING = f"{runtime.__name__}.testing"
# Tables, whose columns go by the names of the database.
_OF_TABLES = frozenset({"c", "columns"})
# Statements that are given values by the names of attributes: `update(Note).values(title="")`.
_WRITES = frozenset({"update", "insert"})


class PythonPlaces:
    """Finds a name in the code of Python files.

    Args:
        sources: The project's files.
        project_types: The types of the project.
    """

    def __init__(self, sources: Sources, project_types: Types) -> None:
        self._sources = sources
        self._types = project_types

    def find(self, module: Module, uses: Uses, name: str) -> Iterator[Found]:
        """Yield where a file names an attribute of what may be an object of the project's.

        Args:
            module: The file.
            uses: What it asks of objects.
            name: The attribute.
        """
        if module.tree is None:
            return
        reader = _Reader(name)
        reader.visit(module.tree)
        kinds = {span_of(use.node): use.owner for use in (*uses.reads, *uses.stores)}
        for node in reader.attributes:
            owner = self._owner(module, reader, node, kinds)
            if owner is not None:
                is_called = span_of(node) in reader.called
                yield Found(name, module.place(node), owner, is_called=is_called)
        for named in uses.named:
            owner = self.class_of(named.owner) if named.node.value == name else None
            place = place_of_text(module, named.node) if owner is not None else None
            if place is not None:
                yield Found(name, place, owner or "")
        yield from self._keywords(module, reader, uses)

    def class_of(self, kind: Type) -> str | None:
        """Return the class of a type: empty if it may be any, None if it is something else."""
        resolved = self._types.resolve(kind)
        match resolved:
            case None:
                return None if self._is_of_test_client(kind) else ""
            case types.Instance(dotted) | types.Generic(dotted):
                return dotted
            case types.Name(dotted):
                return self._class_named(self._sources.resolve(dotted))
            case types.Direct() | types.Derived():
                return None
            case _:
                assert_never(resolved)

    def _is_of_test_client(self, kind: Type) -> bool:
        """Return whether a value is what the client of a test has answered, or that itself."""
        while True:
            match kind:
                case types.Attribute(inner, _) | types.Returned(inner) | types.Element(inner):
                    kind = inner
                case types.Parameter(_, name, None):
                    return name == "client"
                case types.Parameter(_, _, inner) | types.Item(inner, _):
                    kind = inner
                case types.Instance(dotted):
                    return self._sources.resolve(dotted).startswith(f"{_TESTING}.")
                case types.Direct() | types.Derived() | None:
                    return False
                case _:
                    assert_never(kind)

    def _class_named(self, dotted: str) -> str | None:
        if self._sources.find_class(dotted) is not None:
            return dotted
        module = self._sources.module_of(dotted)
        is_other = module is None or module.name == dotted
        return None if is_other or self._sources.find_function(dotted) is not None else ""

    def _owner(
        self, module: Module, reader: _Reader, node: ast.Attribute, kinds: Mapping[Span, Type]
    ) -> str | None:
        """Return the class that an attribute is of, as `class_of()` does."""
        value = node.value
        is_literal = isinstance(value, ast.Constant | ast.JoinedStr)
        if is_literal or (isinstance(value, ast.Attribute) and value.attr in _OF_TABLES):
            return None
        owner = self.class_of(kinds[span_of(node)]) if span_of(node) in kinds else ""
        if owner == "" and span_of(node) in reader.own:
            return f"{module.name}.{reader.own[span_of(node)]}"
        if owner == "" and isinstance(value, ast.Attribute) and span_of(value) in reader.own:
            return self._of_own(f"{module.name}.{reader.own[span_of(value)]}", value.attr)
        return owner

    def _of_own(self, dotted: str, name: str) -> str | None:
        """Return the class of `self.author`, which a mixin has by way of its models."""
        for one in self._types.descendants(dotted):
            owner = self.class_of(types.Attribute(types.Instance(one), name))
            if owner != "":
                return owner
        return ""

    def _keywords(self, module: Module, reader: _Reader, uses: Uses) -> Iterator[Found]:
        """Yield the keywords that stand for attributes: `Note(title="")`, `filter_by(title="")`."""
        about = {span_of(call.node): self._made(call.about) for call in uses.made}
        others = (*uses.filtered, *uses.copied)
        about |= {span_of(call.node): self.class_of(call.about) for call in others}
        for call, keyword in reader.keywords:
            owner = about.get(span_of(call))
            method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if span_of(call) in about:
                pass
            elif method == "values":
                owner = self._written_to(module, call)
            elif method == "filter_by":
                owner = ""
            elif isinstance(call.func, ast.Name) and span_of(call.func) in reader.own:
                owner = self._made(types.Name(f"{module.name}.{reader.own[span_of(call.func)]}"))
            if owner is not None:
                yield Found(reader.name, module.place(keyword), owner)

    def _made(self, kind: Type) -> str | None:
        """Return the class that a call makes an object of, if its keywords are attributes."""
        dotted = self.class_of(kind)
        if not dotted:
            return None
        ancestors = self._sources.ancestors(dotted).values()
        bodies = [part for node in ancestors if node is not None for part in node.body]
        has_own = any(
            isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in bodies
        )
        return None if has_own else dotted

    def _written_to(self, module: Module, call: ast.Call) -> str | None:
        """Return the model of `update(Note).where(...).values(...)`."""
        node: ast.expr = call
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if module.dotted_name(node.func).startswith("sqlalchemy."):
                break
            node = node.func.value
        if not isinstance(node, ast.Call) or not node.args:
            return ""
        called = module.dotted_name(node.func)
        if not called.startswith("sqlalchemy.") or called.rpartition(".")[2] not in _WRITES:
            return ""
        named = self._sources.resolve(module.dotted_name(node.args[0]))
        return self._class_named(named)


@dataclass
class _Reader(ast.NodeVisitor):
    """What the code of a file has of one name.

    Attributes:
        name: The name.
        attributes: The attributes that are called so.
        called: Those that are called, by span_of().
        keywords: The keywords, each with its call.
        own: The class around attributes of `self` and calls of `cls`, by span_of().
    """

    name: str
    attributes: list[ast.Attribute] = field(default_factory=list)
    called: set[Span] = field(default_factory=set)
    keywords: list[tuple[ast.Call, ast.keyword]] = field(default_factory=list)
    own: dict[Span, str] = field(default_factory=dict)
    _class: str = ""
    _first: str = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:  # ast's name
        """Read a class, those in others under no name."""
        outer = self._class, self._first
        self._class, self._first = (node.name if not self._class else ""), ""
        self.generic_visit(node)
        self._class, self._first = outer

    def visit_FunctionDef(self, node: Function) -> None:  # ast's name
        """Read a function; the first parameter of a method is its object or its class."""
        outer, arguments = self._first, [*node.args.posonlyargs, *node.args.args]
        names = {argument.arg for argument in (*arguments, *node.args.kwonlyargs)}
        if self._class and not self._first:
            is_static = any(
                isinstance(one, ast.Name) and one.id == "staticmethod"
                for one in node.decorator_list
            )
            self._first = arguments[0].arg if arguments and not is_static else ""
        elif self._first in names:
            self._first = ""  # a function in the method has the same name
        self.generic_visit(node)
        self._first = outer

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # ast's name

    def visit_Attribute(self, node: ast.Attribute) -> None:  # ast's name
        """Read an attribute."""
        if node.attr == self.name:
            self.attributes.append(node)
        if self._is_own(node.value):
            self.own[span_of(node)] = self._class
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:  # ast's name
        """Read a call."""
        self.called.add(span_of(node.func))
        self.keywords += [(node, word) for word in node.keywords if word.arg == self.name]
        if self._is_own(node.func):
            self.own[span_of(node.func)] = self._class
        self.generic_visit(node)

    def _is_own(self, node: ast.expr) -> bool:
        return bool(self._first) and isinstance(node, ast.Name) and node.id == self._first
