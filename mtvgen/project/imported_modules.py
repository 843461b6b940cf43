"""The modules that a process has imported: since a moment, and which of them are the project's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

from mtvgen.project.tracebacks import is_users


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


def users_files(root: Path) -> list[str]:
    """Return the project's source files that this process has imported."""
    files = (getattr(module, "__file__", None) for module in dict(sys.modules).values())
    return sorted(file for file in files if file and is_users(file, root))


def installed_names(root: Path, modules: Mapping[str, object]) -> list[str]:
    """Return those of the modules that are not the project's, in the order of their import."""
    return [
        name
        for name, module in modules.items()
        if name != "__main__" and not _is_projects(module, root)
    ]


def project_modules(root: Path, modules: Mapping[str, object]) -> dict[str, str]:
    """Return the source files of those modules that are the project's, in the same order."""
    files = {name: getattr(module, "__file__", None) for name, module in modules.items()}
    return {name: file for name, file in files.items() if file and is_users(file, root)}


def _is_projects(module: object, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    if file:
        return is_users(file, root)
    return any(is_users(place, root) for place in getattr(module, "__path__", ()))
