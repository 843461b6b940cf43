"""The project's models, which a process holds: what it imports, and when it can't.

The models with their mappers configured are most of what an edit of a view would wait for.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

RUNTIME_MODELS = "mtvgen.runtime.models"  # with SQLAlchemy, the heaviest thing that a site imports
_ENV_FILE = "mtvgen.runtime.settings.env_file"
# Holding the models takes 14 MB, and spares each edit about 2 ms for a model.
WORTH_HOLDING = 5


def hold_runtime_models(root: Path) -> None:
    """Import what each project with a database imports, once for all that are forked from here.

    Otherwise the first worker would import it for itself, and then the fork server for all others.
    """
    with suppress(OSError):
        is_needed = RUNTIME_MODELS.encode() in (root / "models" / "__init__.py").read_bytes()
        # A file of the project with such a name would be imported here, and its edits not seen.
        hides_another = any(path.stem in sys.stdlib_module_names for path in root.iterdir())
        if hides_another or not is_needed:
            return
        with suppress(BaseException):  # whatever it is, a worker meets it where it is shown
            importlib.import_module(RUNTIME_MODELS)
            importlib.import_module(_ENV_FILE)


def hold_models(names: Iterable[str]) -> str:
    """Import the project's models; why workers can't be forked from here, or "".

    Args:
        names: `models`, and other modules that many need and that only a change of their own
            files, or of .env, makes others.
    """
    open_before = _descriptor_count()
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:
            return f"{name} can't be imported: {type(error).__name__}"
    try:
        if "sqlalchemy.orm" in sys.modules:
            sys.modules["sqlalchemy.orm"].configure_mappers()
    except Exception as error:
        return f"the mappers can't be configured: {type(error).__name__}"
    if thread_count() > 1:
        return "an import starts a thread"
    if _descriptor_count() > open_before:
        return "an import opens a file or a connection"
    gc.collect()
    return ""


def are_many_models() -> bool:
    """Return whether the models that were imported are worth holding."""
    if "sqlalchemy.orm" not in sys.modules or "models" not in sys.modules:
        return False
    runtime: Any = sys.modules.get(RUNTIME_MODELS)
    # Any other base than mtvgen's own Model hides how many there are.
    count = len(runtime.Model.registry.mappers) if runtime is not None else 0
    return count == 0 or count >= WORTH_HOLDING


def thread_count() -> int:
    """Return the threads of this process, those of C libraries included where the system says."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return threading.active_count()


def _descriptor_count() -> int:
    with suppress(OSError):
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    return 0
