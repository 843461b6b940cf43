"""One Python file, parsed: its imports, classes and functions. Nothing is run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import decode_source
from typing import Any, TypeVar

from mtvgen.checks.files import MAX_SIZE, Stamp
from mtvgen.checks.places import Place, Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.places import place_in
from mtvgen.checks.python.same_code import are_same_code
from mtvgen.checks.python.stored_attributes import (
    StoredAttributes,
    possible_names,
    stored_attributes,
)
from mtvgen.checks.python.top_names import Function, TopNames, imported_module, top_names
from mtvgen.checks.report import Problem
from mtvgen.project.source_imports import compile_source
from mtvgen.syntax_trees import children, walk

T = TypeVar("T")


@dataclass(eq=False)
class Module:
    """One Python file.

    Attributes:
        name: What it is imported as: `views.notes`.
        file: Its path below the project.
        stamp: The version.
        tree: None where it can't be read or parsed.
        source: Its bytes; empty where they can't be read.
        top: What the names at its top stand for.
        problems: What keeps it from being read.
    """

    name: str
    file: str
    stamp: Stamp
    tree: ast.Module | None = None
    source: bytes = b""
    top: TopNames = field(default_factory=TopNames)
    problems: list[Problem] = field(default_factory=list)
    _read: dict[Callable[[Module], Any], Any] = field(default_factory=dict, repr=False)
    # Shared by the versions that differ in blank lines and comments alone.
    _of_code: dict[Callable[[Module], Any], Any] = field(default_factory=dict, repr=False)

    def once(self, read: Callable[[Module], T]) -> T:
        """Return what a function reads off this version, which it is asked for once."""
        if read not in self._read:
            self._read[read] = read(self)
        result: T = self._read[read]
        return result

    def of_code(self, read: Callable[[Module], T]) -> T:
        """Return the same of what blank lines and comments do not change.

        Args:
            read: Returns neither places nor nodes, which have some.
        """
        if read not in self._of_code:
            self._of_code[read] = read(self)
        result: T = self._of_code[read]
        return result

    def take_over(self, old: Module) -> None:
        """Take over what was read off an older version's code, if this one's is the same."""
        if self.tree is None or old.tree is None or self.problems or old.problems:
            return
        if are_same_code(old.source, old.tree, self.source, self.tree):
            self._of_code = old._of_code

    def all(self, *classes: type[ast.AST]) -> Iterator[Any]:
        """Yield the nodes of some classes."""
        for kind in classes:
            yield from self._by_class.get(kind, ())

    @cached_property
    def _by_class(self) -> Mapping[type[ast.AST], list[Any]]:
        found: dict[type[ast.AST], list[Any]] = {}
        for node in walk(self.tree) if self.tree is not None else ():
            found.setdefault(type(node), []).append(node)
        return found

    @property
    def names(self) -> Mapping[str, str]:
        """For each name that an import or a plain assignment binds at the top: its dotted name."""
        return self.top.names

    @property
    def classes(self) -> Mapping[str, ast.ClassDef]:
        """The classes at the top."""
        return self.top.classes

    @property
    def functions(self) -> Mapping[str, Function]:
        """The functions at the top."""
        return self.top.functions

    @cached_property
    def outline(self) -> tuple[object, ...]:
        """Return what says which names other files find here, and none of what these do."""
        top = self.top
        return top.names, top.stars, top.classes.keys(), top.functions.keys()

    @property
    def declarations(self) -> tuple[str, ...]:
        """Return what other files can infer types from: imports, classes, what functions return."""
        return self.of_code(_declarations)

    @cached_property
    def every_function(self) -> tuple[Function, ...]:
        """The functions of the file, those inside others and inside classes included."""
        found: list[Function] = []
        waiting: list[ast.AST] = list(self.tree.body) if self.tree is not None else []
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(node)
            # Only statements hold functions.
            waiting += (child for child in children(node) if hasattr(child, "body"))
        return tuple(found)

    def lines_of(self, functions: Iterable[tuple[str, int]]) -> set[int]:
        """Return the first lines of functions, as Python counts them.

        Args:
            functions: The qualified name of each, and the line that it was on when it was
                imported: the file may be open, and its lines others.
        """
        lines: set[int] = set()
        for name, line in functions:
            written = self._first_lines.get(name, ())
            lines.update(written if len(written) == 1 else {line} & {*written})
        return lines

    @cached_property
    def _first_lines(self) -> Mapping[str, tuple[int, ...]]:
        """The first lines of the functions of each qualified name."""
        lines: dict[str, tuple[int, ...]] = {}
        waiting: list[tuple[str, ast.AST]] = [("", self.tree)] if self.tree is not None else []
        while waiting:
            prefix, node = waiting.pop()
            for child in children(node):
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    name = f"{prefix}{child.name}"
                    # That of the first decorator.
                    first = min([child.lineno, *(part.lineno for part in child.decorator_list)])
                    lines[name] = (*lines.get(name, ()), first)
                    waiting.append((f"{name}.<locals>.", child))
                elif isinstance(child, ast.ClassDef):
                    waiting.append((f"{prefix}{child.name}.", child))
                elif hasattr(child, "body"):  # only statements hold functions
                    waiting.append((prefix, child))
        return lines

    @property
    def stored(self) -> StoredAttributes:
        """The attributes that its code gives to objects."""
        return self.of_code(_stored)

    @property
    def possible_names(self) -> frozenset[str]:
        """What the name of an attribute may be, where its code computes one."""
        return self.of_code(_possible_names)

    def imported_module(self, node: ast.ImportFrom) -> str:
        """Return the module that an import of this file means, relative ones included."""
        return imported_module(self.name, node, is_package=self.file.endswith("__init__.py"))

    @cached_property
    def text(self) -> Text:
        """The file as text, with lines as Python counts them."""
        return Text(self.file, decode_source(self.source))

    def place(self, node: ast.AST) -> Place:
        """Return what a problem of a node points at: the name in it, rather than all of it."""
        return place_in(self.text, node)

    def dotted_name(self, node: ast.AST) -> str:
        """Return the dotted name that an expression spells, by the file's imports.

        Empty for any other.
        """
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return self.names[node.id]
            is_own = node.id in self.classes or node.id in self.functions
            may_be_of_star = self.top.stars and not hasattr(builtins, node.id)
            return f"{self.name}.{node.id}" if is_own or may_be_of_star else node.id
        if isinstance(node, ast.Attribute):
            base = self.dotted_name(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""


def _declarations(module: Module) -> tuple[str, ...]:
    returns = (
        f"{name}:{_dumped(node)}:{len(node.decorator_list)}"
        for name, node in module.functions.items()
    )
    imports = (f"{name}={target}" for name, target in module.names.items())
    classes, stored = map(ast.dump, module.classes.values()), sorted(module.stored.for_all)
    return (*imports, *module.top.stars, *classes, *returns, *stored)


def _stored(module: Module) -> StoredAttributes:
    return stored_attributes(module.tree) if module.tree is not None else StoredAttributes()


def _possible_names(module: Module) -> frozenset[str]:
    return frozenset(possible_names(module.tree)) if module.tree is not None else frozenset()


def _dumped(function: Function) -> str:
    """Return what a function returns, and takes where that may depend on it, as in `Page[T]`."""
    if function.returns is None:
        return ""
    takes = ast.dump(function.args) if isinstance(function.returns, ast.Subscript) else ""
    return f"{ast.dump(function.returns)}:{takes}"


def read_module(file: str, path: str, stamp: Stamp, files: ProjectFiles) -> Module:
    """Return a file, parsed.

    Args:
        file: Its path below the project.
        path: Its path.
        stamp: Its version.
        files: What it is read through.
    """
    parts = file.removesuffix(".py").split("/")
    name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
    module = Module(name, file, stamp)
    if stamp is None or stamp[1] > MAX_SIZE:
        return module
    try:
        module.source = files.read(path)
        module.tree = ast.parse(module.source, filename=file)
        compile_source(path, module.source)
    except SyntaxError as error:
        module.problems.append(syntax_problem(error, file))
    except (ValueError, RecursionError, MemoryError) as error:
        message = f"can't be parsed: {error}" if str(error) else "can't be parsed."
        module.problems.append(Problem("project.syntax", Place.at(file), message))
    except OSError as error:
        message = f"can't be read: {error.strerror}."
        module.problems.append(Problem("project.unreadable", Place.at(file), message))
    if module.tree is not None:  # what can't be compiled can be read all the same
        module.top = top_names(name, module.tree.body, is_package=parts[-1] == "__init__")
    return module


def syntax_problem(error: SyntaxError, file: str) -> Problem:
    """Return the problem of a file that Python can't compile."""
    place = _place_of_mistake(error, file)
    return Problem("project.syntax", place, f"SyntaxError: {error.msg}")


def _place_of_mistake(error: SyntaxError, file: str) -> Place:
    """Return where Python points; 0 and -1 stand for what it does not know."""
    line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    end = (max(error.end_lineno or 0, 0), max(error.end_offset or 0, 0))
    return Place(file, line, column, *max(end, (line, column)))
