"""The Python files of a project, parsed: their imports, classes and functions. Nothing is run."""

from __future__ import annotations

import ast
import builtins
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import decode_source
from pathlib import Path
from typing import Any, TypeVar

from mtvgen.checks.files import MAX_SIZE, Stamp, identity_of, is_searchable
from mtvgen.checks.places import Place, Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.places import place_in
from mtvgen.checks.python.stored_attributes import (
    StoredAttributes,
    possible_names,
    stored_attributes,
)
from mtvgen.checks.python.top_names import Function, TopNames, imported_module, top_names
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.project.source_imports import compile_source
from mtvgen.runtime.support.editors_files import is_editors_file
from mtvgen.runtime.support.walking import walk

T = TypeVar("T")

# Directories that hold no code of the site itself.
LEFT_OUT = frozenset({"tests", "migrations", "node_modules", "__pycache__", "site-packages"})


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

    def once(self, read: Callable[[Module], T]) -> T:
        """Return what a function reads off this version, which it is asked for once."""
        if read not in self._read:
            self._read[read] = read(self)
        result: T = self._read[read]
        return result

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
    def declarations(self) -> tuple[str, ...]:
        """Return what other files can infer types from: imports, classes, what functions return."""
        returns = (
            f"{name}:{_dumped(node)}:{len(node.decorator_list)}"
            for name, node in self.functions.items()
        )
        imports = (f"{name}={target}" for name, target in self.names.items())
        stored = sorted(self.stored.for_all)
        return (*imports, *self.top.stars, *map(ast.dump, self.classes.values()), *returns, *stored)

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
            waiting += (child for child in ast.iter_child_nodes(node) if hasattr(child, "body"))
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
            for child in ast.iter_child_nodes(node):
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

    @cached_property
    def stored(self) -> StoredAttributes:
        """The attributes that its code gives to objects."""
        return stored_attributes(self.tree) if self.tree is not None else StoredAttributes()

    @cached_property
    def possible_names(self) -> frozenset[str]:
        """What the name of an attribute may be, where its code computes one."""
        return frozenset(possible_names(self.tree)) if self.tree is not None else frozenset()

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


class Sources:
    """All Python files of a project; a file is parsed once for each version.

    Args:
        root: The project's directory.
        files: Open texts, over the disk.

    Attributes:
        modules: By the name that each is imported as.
        stamps: The version of each file that is on the disk, which an import would read.
        unchecked: The directories that this user can't read, as a database's own often is.
    """

    def __init__(self, root: Path, files: ProjectFiles | None = None) -> None:
        self.root = root
        self._files = files or ProjectFiles()
        self.modules: dict[str, Module] = {}
        self.stamps: dict[str, Stamp] = {}
        self.unchecked: list[Unchecked] = []
        self._by_file: dict[str, Module] = {}

    def refresh(self) -> None:
        """Look at the files again."""
        files, start = self._files, len(str(self.root)) + 1
        saved = files.list_on_disk(self.root, self._walk)
        self.stamps = {_inside(path, start): files.stamp_on_disk(path) for path in saved}
        opened = (path for path in files.open_below(self.root) if _is_own(_inside(path, start)))
        by_file = {_inside(path, start): path for path in (*saved, *opened)}
        self._by_file = {file: self._module(file, path) for file, path in by_file.items()}
        self.modules = {module.name: module for module in self._by_file.values()}

    def _walk(self, root: str) -> tuple[str, ...]:
        """Return the Python files on the disk, and note the directories that can't be read."""
        closed: set[Path] = set()
        paths = tuple(_python_files(root, closed))
        self.unchecked = [_closed(path.relative_to(self.root)) for path in sorted(closed)]
        return paths

    def _module(self, file: str, path: str) -> Module:
        module, stamp = self._by_file.get(file), self._files.stamp(path)
        if module is not None and module.stamp == stamp:
            return module
        return _read(file, path, stamp, self._files)

    def have_text(self, text: str) -> bool:
        """Return whether a text is in quotes in one of the files."""
        quoted = (f'"{text}"'.encode(), f"'{text}'".encode())
        sources = (module.source for module in self.modules.values())
        return any(literal in source for source in sources for literal in quoted)

    def resolve(self, name: str) -> str:
        """Return what a dotted name stands for, through the imports of the project's modules."""
        seen = set()
        while name not in seen:
            seen.add(name)
            module, rest = self._split(name)
            if module is None or not rest:
                return name
            first, _, more = rest.partition(".")
            target = module.names.get(first) or self._of_star(module, first)
            if target is None:
                return name
            name = f"{target}.{more}" if more else target
        return name

    def _of_star(self, module: Module, name: str) -> str | None:
        """Return what a name stands for that `from ... import *` may have brought."""
        if name in module.classes or name in module.functions or name.startswith("_"):
            return None
        for star in reversed(module.top.stars):
            own = self.modules.get(star)
            if own is None:
                has_name = hasattr(sys.modules.get(star), name)
            else:
                has_name = any(name in names for names in (own.names, own.classes, own.functions))
                has_name = has_name or self._of_star(own, name) is not None
            if has_name:
                return f"{star}.{name}"
        return None

    def _split(self, name: str) -> tuple[Module | None, str]:
        """Return the project's module that a dotted name begins with, and the rest of it."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            module = self.modules.get(".".join(parts[:length]))
            if module is not None:
                return module, ".".join(parts[length:])
        return None, name

    def has(self, name: str) -> bool:
        """Return whether a resolved dotted name is a module of the project, or something in one."""
        return self._split(name)[0] is not None

    def module_of(self, name: str) -> Module | None:
        """Return the project's module that a dotted name begins with."""
        return self._split(name)[0]

    def imported_from(self, module: Module) -> list[Module]:
        """Return the project's modules that a file imports, or imports something from."""
        found = (self._split(name)[0] for name in (*module.names.values(), *module.top.stars))
        return list(dict.fromkeys(other for other in found if other is not None))

    def imported_by(self, name: str) -> set[str]:
        """Return the project's modules that importing one of them imports, itself among them."""
        imported: set[str] = set()
        waiting = [name]
        while waiting:
            module, _ = self._split(waiting.pop())
            if module is not None and module.name not in imported:
                imported.add(module.name)
                waiting += module.top.imports
                waiting += [module.name.rpartition(".")[0]] if "." in module.name else []
        return imported

    def find_class(self, name: str) -> tuple[Module, ast.ClassDef] | None:
        """Return the class of a resolved dotted name, if it is the project's own."""
        module, rest = self._split(name)
        if module is None or rest not in module.classes:
            return None
        return module, module.classes[rest]

    def ancestors(self, name: str) -> dict[str, ast.ClassDef | None]:
        """Return a class, its parents and theirs by their names.

        None for what is not the project's.
        """
        found: dict[str, ast.ClassDef | None] = {}
        waiting = [name]
        while waiting:
            name = self.resolve(waiting.pop())
            definition = self.find_class(name)
            if name not in found:
                found[name] = definition[1] if definition is not None else None
                if definition is not None:
                    module, node = definition
                    waiting += [module.dotted_name(base) for base in node.bases]
        return found

    def find_function(self, name: str) -> tuple[Module, Function] | None:
        """Return the function of a resolved dotted name, if it is the project's own."""
        module, rest = self._split(name)
        if module is None or rest not in module.functions:
            return None
        return module, module.functions[rest]


def _dumped(function: Function) -> str:
    """Return what a function returns, and takes where that may depend on it, as in `Page[T]`."""
    if function.returns is None:
        return ""
    takes = ast.dump(function.args) if isinstance(function.returns, ast.Subscript) else ""
    return f"{ast.dump(function.returns)}:{takes}"


def _closed(directory: Path) -> Unchecked:
    place = Place.at(f"{directory.as_posix()}/")
    return Unchecked(place, "directory", "this user can't read it")


def _inside(path: str, start: int) -> str:
    """Return a file's path below the project, with `/`."""
    return path[start:].replace(os.sep, "/")


def _is_own(file: str) -> bool:
    """Return whether a file that is open is code of the site itself, by its path."""
    parts = file.split("/")
    is_left_out = any(part.startswith(".") or part in LEFT_OUT for part in parts)
    return file.endswith(".py") and not is_left_out


def _python_files(root: str, closed: set[Path]) -> Iterator[str]:
    """Yield the paths of the files; links are followed once.

    Args:
        root: The project's directory.
        closed: Gets the directories that this user can't read.
    """

    def note_closed(error: OSError) -> None:
        if isinstance(error, PermissionError):  # others have been deleted meanwhile
            closed.add(Path(error.filename))

    seen: set[tuple[int, int]] = set()
    for parent, directories, files in walk(root, on_error=note_closed, follow_links=True):
        identity = identity_of(parent)
        is_open = is_searchable(parent)
        if not is_open:
            closed.add(Path(parent))
        if identity is None or identity in seen or not is_open:
            directories.clear()
            continue
        seen.add(identity)
        directories[:] = sorted(name for name in directories if _may_hold_code(parent, name))
        for name in sorted(files):
            if name.endswith(".py") and not is_editors_file(name):
                yield os.path.join(parent, name)  # noqa: PTH118


def _may_hold_code(parent: str, name: str) -> bool:
    """Return whether a directory may hold code of the site itself, so that it is looked into."""
    # os.path's answer is no, and Path's an error, where this user may not look.
    is_environment = os.path.exists(f"{parent}/{name}/pyvenv.cfg")  # noqa: PTH110
    return not name.startswith(".") and name not in LEFT_OUT and not is_environment


def _read(file: str, path: str, stamp: Stamp, files: ProjectFiles) -> Module:
    """Return a file, parsed."""
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
