"""Import the project's modules from their sources as they are, never from a stale `.pyc`.

Python takes a `.pyc` for fresh if the source has the same size and the same second of change,
which two quick edits easily have. Compiled code is kept in memory instead, under the very bytes.
"""

from __future__ import annotations

import importlib.machinery
import sys
import warnings
from collections.abc import Iterable, Mapping
from importlib import invalidate_caches
from itertools import takewhile
from pathlib import Path
from types import CodeType

from mtvgen.project.tracebacks import is_users
from mtvgen.runtime.support.regular_files import read_regular_file

_compiled: dict[tuple[str, bytes], CodeType] = {}


class _SourceLoader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        key = (path, self.get_data(path))
        code = _compiled.get(key)
        return code if code is not None else _compile(self, *key)


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

    def finder(path: str) -> importlib.machinery.FileFinder:
        if not Path(path).is_relative_to(root) or not is_users(f"{path}/any.py", root):
            raise ImportError(path)
        extensions = (
            importlib.machinery.ExtensionFileLoader,
            importlib.machinery.EXTENSION_SUFFIXES,
        )
        return importlib.machinery.FileFinder(path, (_SourceLoader, [".py"]), extensions)

    place = str(root)
    sys.path[:] = [place, *(entry for entry in sys.path if entry not in (place, ""))]
    sys.path_hooks.insert(0, finder)
    for path in [path for path in sys.path_importer_cache if Path(path).is_relative_to(root)]:
        del sys.path_importer_cache[path]


def compile_ahead(files: Iterable[str]) -> None:
    """Keep the compiled code of source files for the processes that are forked from this one."""
    for file in files:
        try:
            compile_source(file, read_regular_file(file))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # the import will say it better


def compile_source(file: str, data: bytes) -> None:
    """Compile one source file, and keep its code as compile_ahead() does.

    Raises:
        SyntaxError: Python refuses it; some of it only here, as a `return` outside a function.
        ValueError: It holds NUL.
    """
    if (file, data) in _compiled:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import will say it
        code = compile(data, file, "exec", dont_inherit=True)
    for key in [key for key in _compiled if key[0] == file]:
        del _compiled[key]
    _compiled[file, data] = code


def forget_directories() -> None:
    """Forget which files the directories held when this process was forked."""
    invalidate_caches()


def newest_module() -> str:
    """Return the name of the module that was imported last, for `modules_since()`."""
    return next(reversed(sys.modules))


def modules_since(name: str) -> dict[str, object]:
    """Return the modules imported after that of this name; all of them if it is gone.

    In a process that was forked, whoever looks at a module copies the page of memory that it is in,
    and all together are 4 MB: the older ones are left alone.
    """
    try:
        newer = list(takewhile(lambda newest: newest != name, reversed(sys.modules)))
    except RuntimeError:  # another thread imports
        newer = list(reversed(list(sys.modules)))
    return {newest: sys.modules[newest] for newest in reversed(newer) if newest in sys.modules}


def users_files(root: Path, modules: Mapping[str, object] | None = None) -> list[str]:
    """Return the project's source files among modules: by default all that are imported."""
    among = dict(sys.modules) if modules is None else modules
    files = (getattr(module, "__file__", None) for module in among.values())
    return sorted(file for file in files if file and is_users(file, root))


def installed_names(root: Path, modules: Mapping[str, object]) -> list[str]:
    """Return those of the modules that are not the project's, in the order of their import."""
    return [
        name
        for name, module in modules.items()
        if name != "__main__" and not _is_projects(module, root)
    ]


def _is_projects(module: object, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", ()))
    return any(is_users(place, root) for place in places)
