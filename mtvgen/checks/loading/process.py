"""A project imported in a process that is forked for it, so that it can be imported again.

An import leaves its modules behind: a second one in the same process would read none of them.
"""

from __future__ import annotations

import importlib
import io
import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NoReturn

from mtvgen.checks.facts import Facts
from mtvgen.checks.files import is_below
from mtvgen.checks.loading.project import load
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, bug
from mtvgen.project.source_imports import compile_ahead, import_from_sources

PATIENCE = 30  # seconds that an import may take; a site that needs longer can't be developed


def start_loading(
    root: Path, files: Iterable[str] = (), *, deploy: bool = False
) -> Callable[[], Facts]:
    """Start to import a project, in a process that is forked for it.

    The next process imports it again.

    Args:
        root: The project's directory.
        files: Its modules, below it; what they compile to is kept for the next time.
        deploy: Take the environment as it is, as production will.

    Returns:
        What waits for the facts; it has to be called, and once.
    """
    if not hasattr(os, "fork"):
        _forget_modules(root)
        return partial(load, root, deploy=deploy)
    compile_ahead(str(root / file) for file in files)
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    deadline = time.monotonic() + PATIENCE
    process = os.fork()
    if process == 0:
        os.close(reading)
        _answer(writing, lambda: load(root, deploy=deploy), root)
    os.close(writing)
    return partial(_read, reading, process, deadline)


def _answer(writing: int, load_facts: Callable[[], Facts], root: Path) -> NoReturn:
    """In the forked process: load, answer, and end without any of the parent's clean-up."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
        os.dup2(2, 1)  # what a project prints is not what the command prints
        import_from_sources(root)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(_pickled(load_facts))
    finally:
        os._exit(0)


def _pickled(load_facts: Callable[[], Facts]) -> bytes:
    """Return the answer; where it can't be pickled, the reason.

    Without an answer it would be taken for an exit.
    """
    try:
        return pickle.dumps(load_facts())
    except Exception as error:
        return pickle.dumps(Facts(problems=(bug(error, "wsgi.py"),)))


def _read(reading: int, process: int, deadline: float) -> Facts:
    data = io.BytesIO()
    problem = "importing the project ended the process."
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            os.kill(process, signal.SIGKILL)
            problem = f"importing the project takes longer than {PATIENCE} s."
            break
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            break
        data.write(chunk)
    os.close(reading)
    os.waitpid(process, 0)
    try:
        facts = pickle.loads(data.getvalue())  # noqa: S301  # written by our own child
    except (EOFError, pickle.UnpicklingError):
        return Facts(problems=(Problem("project.import-error", Place.at("wsgi.py"), problem),))
    assert isinstance(facts, Facts)  # noqa: S101  # _answer() writes nothing else
    return facts


def _forget_modules(root: Path) -> None:
    """Have the project imported again in this process, where none can be forked."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and is_below(file, root):
            del sys.modules[name]


def is_loaded(root: Path) -> bool:
    """Return whether this process has imported the project already, as its tests have."""
    wsgi = sys.modules.get("wsgi")
    file = getattr(wsgi, "__file__", None)
    return file is not None and is_below(file, root)


def preload(modules: tuple[str, ...]) -> None:
    """Import what a project imports from elsewhere, so that its next import finds it here."""
    for name in modules:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception:  # noqa: S112  # the project's own import will say it
                continue
