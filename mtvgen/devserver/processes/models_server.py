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


def thread_count() -> int:
    """Return the threads of this process, those of C libraries included where the system says."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return threading.active_count()


def _descriptor_count() -> int:
    with suppress(OSError):
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    return 0
