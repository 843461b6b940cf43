"""A fork server that holds the project's models too: what it imports, and when it can not.

The models with their mappers configured are most of what an edit of a view would wait for.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from mtvgen.devserver.processes.throwaway_key import provide_key

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


def hold_models(root: Path) -> str:
    """Import the project's models; why they can't be held, or the empty string."""
    open_before = _descriptor_count()
    provide_key(root)
    try:
        importlib.import_module("models")
    except BaseException as error:
        return f"models can't be imported: {type(error).__name__}"
    orm: Any = sys.modules.get("sqlalchemy.orm")
    if orm is None:
        return "there are no mapped classes"
    if 0 < _model_count() < WORTH_HOLDING:
        return "they are imported in no time"
    try:
        orm.configure_mappers()
    except Exception as error:
        return f"the mappers can't be configured: {type(error).__name__}"
    if thread_count() > 1:
        return "models starts a thread"
    if _descriptor_count() > open_before:
        return "models opens a file or a connection"
    gc.collect()
    return ""


def _model_count() -> int:
    """Return how many classes are mapped below mtvgen's own Model; any other base hides its own."""
    runtime: Any = sys.modules.get(RUNTIME_MODELS)
    return len(runtime.Model.registry.mappers) if runtime is not None else 0


def thread_count() -> int:
    """Return the threads of this process, those of C libraries included where the system says."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return threading.active_count()


def _descriptor_count() -> int:
    with suppress(OSError):
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    return 0
