"""Import the project's modules from their sources as they are, never from a stale `.pyc`.

Python takes a `.pyc` for fresh if the source has the same size and the same second of change,
which two quick edits easily have. Compiled code is kept in memory instead, with the very bytes.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    BuiltinImporter,
    ExtensionFileLoader,
    FileFinder,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
)
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

from mtvgen.project.tracebacks import is_users
from mtvgen.runtime.support.regular_files import read_regular_file

_compiled: dict[str, tuple[bytes, CodeType]] = {}  # a file's path -> its bytes, and their code
_compiled_on_import: list[str] = []
_PYTHONS_FINDERS = (BuiltinImporter, FrozenImporter, PathFinder)
# Not waiting for the other end, where a pipe has taken the place of the file.
_AT_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class _SourceLoader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        code = _kept_code(path)
        if code is None:
            code = _compile(self, path, self.get_data(path))
            _compiled_on_import.append(path)
        return code


class _KeptCodeLoader(_SourceLoader):
    """A loader that was found with its code, which is as good as the file until it is run."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        code, self._code = self._code, None
        return code or super().get_code(fullname)


class _Directory(NamedTuple):
    """A directory of a package.

    Attributes:
        modules: The names that only a file `.py` has, and no directory, which may be a package.
        cached: The path of the `.pyc` that Python would write for a file, around the file's name.
    """

    modules: frozenset[str]
    cached: tuple[str, str]


class _KeptModules:
    """Finds the modules of packages whose code is there already, as Python's own finders would.

    They ask five finders and the disk three times for each module: of 54 ms for 1,000 modules,
    34 are left.

    Args:
        hook: What makes the finders of the project's directories.
    """

    def __init__(self, hook: object) -> None:
        self._hook = hook
        self._directories: dict[str, _Directory] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is; None leaves it to the finders behind this one."""
        if path is None or len(path) != 1 or target is not None:
            return None
        if sys.path_hooks[:1] != [self._hook]:
            return None  # another one was put before it, which may change what is imported
        place, name = path[0], fullname.rpartition(".")[2]
        file = f"{place}{os.sep}{name}.py"
        code = _kept_code(file)
        if code is None:
            return None
        directory = self._directories.get(place) or self._look_into(place)
        if name not in directory.modules:
            return None
        spec = ModuleSpec(fullname, _KeptCodeLoader(fullname, file, code), origin=file)
        spec.has_location = True
        spec.cached = name.join(directory.cached)
        return spec

    def invalidate_caches(self) -> None:
        """Forget what the directories held (called by importlib.invalidate_caches())."""
        self._directories.clear()

    def _look_into(self, place: str) -> _Directory:
        names = set()
        with suppress(OSError):  # it may not be listed: Python's own finders find nothing then
            names.update(os.listdir(place))  # noqa: PTH208
        modules = {name.removesuffix(".py") for name in names if name.endswith(".py")} - names
        before, _, behind = cache_from_source(f"{place}{os.sep}?.py").rpartition("?")
        directory = _Directory(frozenset(modules), (before, behind))
        self._directories[place] = directory
        return directory


def _kept_code(path: str) -> CodeType | None:
    """Return the code of a source file, if it is kept and the file still holds the same bytes."""
    if path not in _compiled:
        return None
    data, code = _compiled[path]
    try:
        descriptor = os.open(path, _AT_ONCE)
    except OSError:
        return None  # whoever reads it now will say why
    try:
        # A byte more than there were: so none can have been added.
        return code if os.read(descriptor, len(data) + 1) == data else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _compile(loader: _SourceLoader, path: str, data: bytes) -> CodeType:
    try:
        return loader.source_to_code(data, path)
    except (SyntaxError, ValueError) as error:
        if getattr(error, "filename", None):
            raise
        # Python does not say where a NUL byte is, not even in which file.
        line = data[: data.find(b"\0")].count(b"\n") + 1
        raise SyntaxError(str(error), (path, line, None, None)) from None


def import_from_sources(root: Path) -> None:
    """Make `root` the first place for imports, and read its sources as they are now."""

    def finder(path: str) -> FileFinder:
        if not Path(path).is_relative_to(root) or not is_users(f"{path}/any.py", root):
            raise ImportError(path)
        extensions = (ExtensionFileLoader, EXTENSION_SUFFIXES)
        return FileFinder(path, (_SourceLoader, [".py"]), extensions)

    place = str(root)
    sys.path[:] = [place, *(entry for entry in sys.path if entry not in (place, ""))]
    sys.path_hooks.insert(0, finder)
    own = [number for number, each in enumerate(sys.meta_path) if each in _PYTHONS_FINDERS]
    sys.meta_path.insert(min(own, default=0), _KeptModules(finder))
    for path in [path for path in sys.path_importer_cache if Path(path).is_relative_to(root)]:
        del sys.path_importer_cache[path]


def compile_ahead(files: Iterable[str]) -> None:
    """Keep the compiled code of source files for the processes that are forked from this one."""
    for file in files:
        if _kept_code(file) is not None:
            continue
        try:
            compile_source(file, read_regular_file(file))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # the import will say it better


def compiled_on_import() -> list[str]:
    """Return the source files whose code was not there when this process imported them."""
    return list(_compiled_on_import)


def compile_source(file: str, data: bytes) -> None:
    """Compile one source file, and keep its code as compile_ahead() does.

    Raises:
        SyntaxError: Python refuses it; some of it only here, as a `return` outside a function.
        ValueError: It holds NUL.
    """
    if file in _compiled and _compiled[file][0] == data:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import will say it
        code = compile(data, file, "exec", dont_inherit=True)
    _compiled[file] = data, code


def forget_directories() -> None:
    """Forget which files the directories held when this process was forked.

    As importlib.invalidate_caches() does, which since Python 3.13 also imports importlib.metadata,
    with 85 other modules: 40 ms at each edit.
    """
    for finder in (*sys.meta_path, *sys.path_importer_cache.values()):
        forget = getattr(finder, "invalidate_caches", None)
        if forget is not None and finder is not PathFinder:
            forget()
    for place in [place for place, finder in sys.path_importer_cache.items() if finder is None]:
        del sys.path_importer_cache[place]
