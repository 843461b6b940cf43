"""Modules of the project that a process holds, so that an edit imports only what it concerns.

Held are modules whose import has no side effects (side_effects.py), and that read only modules
which are held as well. After an edit, a process that was forked forgets those that changed, and
those that have read them; the others are what a fresh start would have made of them.
"""

from __future__ import annotations

import builtins
import importlib
import logging
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import ModuleType

from mtvgen.devserver.holding.namespace import Definitions, ImportedName
from mtvgen.devserver.holding.pure_names import PURE_NAMES
from mtvgen.devserver.holding.sources import Sources
from mtvgen.project.source_imports import compiled_on_import


class HeldModules:
    """The modules that this process has imported ahead of their turn."""

    def __init__(self) -> None:
        self._sources = Sources()
        self._held: dict[str, Definitions] = {}
        self._readers: dict[str, set[str]] = {}  # a module -> the held ones that have read it
        self._values: dict[ImportedName, object] = {}  # what they have read
        self._forgotten: dict[str, ModuleType] = {}
        self._changed: set[str] = set()  # modules of the project, held or not
        self._loggers: set[object] = set()  # that they have made
        self._hides_another = False
        self._state = _state_of_imports()

    def hold(self, files: Mapping[str, str]) -> bool:
        """Import the modules that may be held.

        Args:
            files: Modules of the project that a worker has imported, and the file of each.

        Returns:
            False where this process can't be used: somebody saved a file at that moment.
        """
        compiled_before = len(compiled_on_import())
        # What was imported with the models stays until they change (fork_server.py).
        self._sources.add({name: files[name] for name in files if name not in sys.modules})
        may_be_held = self._sources.always_imported()
        # Of a project's own `fractions.py`, nobody knows what its names do.
        self._hides_another |= not PURE_NAMES.keys().isdisjoint(files)
        if self._hides_another or self._sources.looks_around():
            may_be_held.clear()
        self._forget(self._held.keys() - may_be_held)
        loggers_before = _loggers()
        for name in self._sources.files:
            self._hold(name, may_be_held)
        self._loggers |= _loggers() - loggers_before
        # Each was compiled as it was read; another text may do anything.
        return len(compiled_on_import()) == compiled_before

    def forget(self, changed: Collection[str]) -> None:
        """Forget the modules of files that changed, and all that have read them.

        Their objects stay: freeing them takes longer than the rest of this.
        """
        names = self._sources.names_of(changed)
        self._changed |= names
        self._forget(names)

    def renew(self, changed: Collection[str], files: Mapping[str, str]) -> bool:
        """Hold files that changed as they are now; as `hold()`."""
        self.forget(changed)
        self._sources.forget(self._changed)
        for read in list(filter(self._is_forgotten, self._values)):
            del self._values[read]
        for module in self._forgotten.values():
            # Functions hold their module's names, which hold the functions, and nothing looks for
            # such rings in a process that others are forked from (forking.py).
            vars(module).clear()
        self._changed.clear()
        self._forgotten.clear()
        return self.hold(files)

    def fit(self) -> bool:
        """Return whether an import at this moment would make the same of each held module.

        It would not where the project has replaced a name that one has read, or the way that
        modules are imported; or disabled all loggers that there are, as dictConfig() does.
        """
        return (
            _state_of_imports() == self._state
            and all(
                self._is_forgotten(read) or _value_of(read) is value
                for read, value in self._values.items()
            )
            and not any(getattr(logger, "disabled", False) for logger in self._loggers)
        )

    def are_needed(self) -> bool:
        """Return whether each start would import each held module, and none could see when."""
        if not self._sources.differ(self._changed):
            return True
        needed = self._sources.always_imported()
        return self._held.keys() <= needed and not self._sources.looks_around()

    def touch(self) -> None:
        """Write to the memory that an import writes to, as soon as this process was forked.

        Each page is copied at the first time, which takes as long as running what is in it.
        """
        for name in self._held:
            for value in vars(sys.modules[name]).values():
                del value  # it was counted as used

    def _forget(self, names: Iterable[str]) -> None:
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if self._held.pop(name, None) is not None:
                waiting += self._readers.pop(name, ())
                self._forgotten[name] = _forget_module(name)

    def _is_forgotten(self, read: ImportedName) -> bool:
        return read.module in self._forgotten or f"{read.module}.{read.name}" in self._forgotten

    def _hold(self, name: str, may_be_held: set[str]) -> bool:
        """Return whether a module is imported; one of the project's is if it may be held."""
        if name in sys.modules:
            return True
        if name not in may_be_held:
            return False
        may_be_held.discard(name)  # it is tried once, also where two modules import each other
        definitions = self._sources.definitions_of(name)
        if definitions is None:
            return False
        needed = [*_parents(name), *(read.module for read in definitions.reads)]
        # Of `from views import notes`, the name may be that of a module.
        named = [f"{read.module}.{read.name}" for read in definitions.reads]
        needed += [module for module in named if module in self._sources.files]
        if not all(self._hold(module, may_be_held) for module in needed):
            return False
        if not all(map(_is_there, definitions.reads)):
            return False  # its import might import another one
        if _would_hide_a_name(name):
            return False
        self._sources.compile(name)
        try:
            importlib.import_module(name)
        except Exception:
            return False  # a worker meets it where it is shown
        self._held[name] = definitions
        for module in needed:
            self._readers.setdefault(module, set()).add(name)
        for read in definitions.reads:
            self._values[read] = _value_of(read)
        return True


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def _would_hide_a_name(module: str) -> bool:
    """Return whether a package has a name of its own where its module would be."""
    parent, _, name_in_parent = module.rpartition(".")
    return bool(parent) and hasattr(sys.modules[parent], name_in_parent)


def _is_there(read: ImportedName) -> bool:
    return not read.name or hasattr(sys.modules[read.module], read.name)


def _value_of(read: ImportedName) -> object:
    module = sys.modules.get(read.module)
    return getattr(module, read.name, None) if read.name else module


def _forget_module(name: str) -> ModuleType:
    module = sys.modules.pop(name)
    parent, _, name_in_parent = name.rpartition(".")
    if parent and getattr(sys.modules.get(parent), name_in_parent, None) is module:
        delattr(sys.modules[parent], name_in_parent)
    return module


def _state_of_imports() -> tuple[object, ...]:
    """Return what decides how a module is imported, and what settings it reads; who watches it."""
    return (
        dict(os.environ),
        sys.path[:1],
        list(sys.meta_path),
        list(sys.path_hooks),
        builtins.__import__,
        sys.gettrace(),
        sys.getprofile(),
        logging.getLoggerClass(),
    )


def _loggers() -> set[object]:
    return set(logging.root.manager.loggerDict.values())
