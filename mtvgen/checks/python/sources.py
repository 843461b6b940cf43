"""The Python files of a project: where they are, and what a name in one means in another."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any

from mtvgen.checks.files import Stamp, identity_of, is_searchable
from mtvgen.checks.places import Place
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.module import Module, read_module
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Unchecked
from mtvgen.records import record
from mtvgen.runtime.support.editors_files import is_editors_file
from mtvgen.runtime.support.walking import walk

# Directories that hold no code of the site itself.
LEFT_OUT = frozenset({"tests", "migrations", "node_modules", "__pycache__", "site-packages"})


@record(frozen=True, eq=False)
class LookedInto:
    """The files that something was found out from.

    Attributes:
        names: Those of which it was asked what a name stands for, by what each is imported as.
        functions: Those of which a function was looked at.
    """

    names: dict[str, Module] = field(default_factory=dict)
    functions: dict[str, Module] = field(default_factory=dict)

    def say_the_same(self, modules: Mapping[str, Module]) -> bool:
        """Return whether it would be found out from the files as they are now."""
        return all(modules.get(name) is module for name, module in self.functions.items()) and all(
            name in modules and (modules[name] is module or modules[name].outline == module.outline)
            for name, module in self.names.items()
        )


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
        # Kept for each file: every run asks what each of them imports.
        self._imports: dict[str, frozenset[str]] = {}
        self._imported_from: dict[str, tuple[str, ...]] = {}
        self._looked_into: LookedInto | None = None
        # Names are asked for again and again: 40,000 times on 1,000 routes.
        self._modules_in: dict[str, tuple[Module | None, str]] = {}

    @contextmanager
    def noting(self) -> Iterator[LookedInto]:
        """Note which files are looked into."""
        before, looked_into = self._looked_into, LookedInto()
        self._looked_into = looked_into
        try:
            yield looked_into
        finally:
            self._looked_into = before

    def refresh(self) -> None:
        """Look at the files again."""
        files, start = self._files, len(str(self.root)) + 1
        saved = files.list_on_disk(self.root, self._walk)
        self.stamps = {_inside(path, start): files.stamp_on_disk(path) for path in saved}
        opened = (path for path in files.open_below(self.root) if _is_own(_inside(path, start)))
        by_file = {_inside(path, start): path for path in (*saved, *opened)}
        self._by_file = {file: self._module(file, path) for file, path in by_file.items()}
        modules = {module.name: module for module in self._by_file.values()}
        self._forget_imports(modules)
        self.modules, self._modules_in = modules, {}

    def _forget_imports(self, modules: Mapping[str, Module]) -> None:
        """Forget what files import that have changed; with another file all names may mean it."""
        if modules.keys() != self.modules.keys():
            self._imports, self._imported_from = {}, {}
        for name, module in modules.items():
            if module is not self.modules.get(name):
                self._imports.pop(name, None)
                self._imported_from.pop(name, None)

    def _walk(self, root: str) -> tuple[str, ...]:
        """Return the Python files on the disk, and note the directories that can't be read."""
        closed: set[Path] = set()
        paths = tuple(python_files(root, closed))
        self.unchecked = [_closed(path.relative_to(self.root)) for path in sorted(closed)]
        return paths

    def _module(self, file: str, path: str) -> Module:
        module, stamp = self._by_file.get(file), self._files.stamp(path)
        if module is not None and module.stamp == stamp:
            return module
        read = read_module(file, path, stamp, self._files)
        if module is not None:
            read.take_over(module)
        return read

    def have_text(self, text: str) -> bool:
        """Return whether a text is in quotes in one of the files."""
        quoted = (f'"{text}"'.encode(), f"'{text}'".encode())
        sources = (module.source for module in self.modules.values())
        return any(literal in source for source in sources for literal in quoted)

    def declarations(self) -> tuple[Any, ...]:
        """Return all that the files say about types: equal until one says anything else."""
        modules = self.modules.values()
        declarations: tuple[Any, ...] = tuple((one.name, one.declarations) for one in modules)
        if any(one.stored.computed for one in modules):
            declarations += tuple(one.possible_names for one in modules)
        return declarations

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
                self._note(own)
                has_name = any(name in names for names in (own.names, own.classes, own.functions))
                has_name = has_name or self._of_star(own, name) is not None
            if has_name:
                return f"{star}.{name}"
        return None

    def _note(self, module: Module) -> None:
        if self._looked_into is not None:
            self._looked_into.names[module.name] = module

    def _split(self, name: str) -> tuple[Module | None, str]:
        """Return the project's module that a dotted name begins with, and the rest of it."""
        if name not in self._modules_in:
            self._modules_in[name] = self._divided(name)
        module, rest = self._modules_in[name]
        if module is not None:
            self._note(module)
        return module, rest

    def _divided(self, name: str) -> tuple[Module | None, str]:
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
        if module.name not in self._imported_from:
            names = (*module.names.values(), *module.top.stars)
            found = (self._split(name)[0] for name in names)
            imported = dict.fromkeys(other.name for other in found if other is not None)
            self._imported_from[module.name] = tuple(imported)
        return [self.modules[name] for name in self._imported_from[module.name]]

    def imported_by(self, name: str) -> set[str]:
        """Return the project's modules that importing one of them imports, itself among them."""
        module, _ = self._split(name)
        waiting = [] if module is None else [module.name]
        imported: set[str] = set()
        while waiting:
            importing = waiting.pop()
            if importing not in imported:
                imported.add(importing)
                waiting += self._imports_of(importing)
        return imported

    def _imports_of(self, name: str) -> frozenset[str]:
        """Return the project's modules that one of them imports itself, or is in."""
        if name not in self._imports:
            module = self.modules[name]
            above = [name.rpartition(".")[0]] if "." in name else []
            found = (self._split(target)[0] for target in (*module.top.imports, *above))
            self._imports[name] = frozenset(other.name for other in found if other is not None)
        return self._imports[name]

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
        if self._looked_into is not None:
            self._looked_into.functions[module.name] = module
        return module, module.functions[rest]


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


def python_files(root: str, closed: set[Path]) -> Iterator[str]:
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
