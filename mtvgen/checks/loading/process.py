"""A project imported in a process that is forked for it, so that it can be imported again.

An import leaves its modules behind: a second one in the same process would read none of them.
"""

from __future__ import annotations

import importlib
import os
import pickle
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
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
_LENGTH = struct.Struct("!Q")  # of an answer; written before it


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
    return Loading(root, files, deploy=deploy).wait


class Loading:
    """The import of a project in a process that is forked for it, while this one does other things.

    Args:
        root: The project's directory.
        files: Its modules, below it; what they compile to is kept for the next time.
        deploy: Take the environment as it is, as production will.
        apart: Whether the process leads a group of its own, so that what the project starts ends
            with it, and what it prints goes nowhere.

    Attributes:
        descriptor: What to wait on before `hear()`.
        deadline: When to `give_up()`, by time.monotonic().
    """

    def __init__(
        self, root: Path, files: Iterable[str] = (), *, deploy: bool = False, apart: bool = False
    ) -> None:
        compile_ahead(str(root / file) for file in files)
        self.descriptor, writing = os.pipe()
        self.deadline = time.monotonic() + PATIENCE
        self._is_apart = apart
        self._data = bytearray()
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process == 0:
            os.close(self.descriptor)
            _answer(writing, lambda: load(root, deploy=deploy), root, apart=apart)
        os.close(writing)

    def wait(self) -> Facts:
        """Wait for the facts."""
        facts = None
        while facts is None:
            patience = max(0.0, self.deadline - time.monotonic())
            ready, _, _ = select.select([self.descriptor], [], [], patience)
            facts = self.hear() if ready else self.give_up()
        return facts

    def hear(self) -> Facts | None:
        """Read what the process has written; return the facts once it has written all of them."""
        chunk = os.read(self.descriptor, 1 << 16)
        self._data += chunk
        if chunk and not self._is_whole():
            return None
        self.stop()
        if not self._is_whole():
            return _failed("importing the project ended the process.")
        facts = pickle.loads(self._data[_LENGTH.size :])  # noqa: S301  # written by our own child
        assert isinstance(facts, Facts)  # noqa: S101  # _answer() writes nothing else
        return facts

    def give_up(self) -> Facts:
        """End the process, because it takes too long."""
        self.stop()
        return _failed(f"importing the project takes longer than {PATIENCE} s.")

    def stop(self) -> None:
        """End the process, and all that it has started if it is apart."""
        if self._is_apart:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process, signal.SIGKILL)
        with suppress(ProcessLookupError):  # there is no group before the process has made it
            os.kill(self._process, signal.SIGKILL)
        os.close(self.descriptor)
        os.waitpid(self._process, 0)

    def _is_whole(self) -> bool:
        """Return whether all was written; a process that the project started may hold the pipe."""
        if len(self._data) < _LENGTH.size:
            return False
        length: int = _LENGTH.unpack_from(self._data)[0]
        return len(self._data) - _LENGTH.size >= length


def _answer(writing: int, load_facts: Callable[[], Facts], root: Path, *, apart: bool) -> NoReturn:
    """In the forked process: load, answer, and end without any of the parent's clean-up."""
    try:
        if apart:
            os.setpgid(0, 0)
            os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
        signal.alarm(2 * PATIENCE)  # where the parent was killed, nobody else ends it
        os.dup2(2, 1)  # what a project prints is not what the command prints
        import_from_sources(root)
        pickled = _pickled(load_facts)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(_LENGTH.pack(len(pickled)) + pickled)
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


def _failed(message: str) -> Facts:
    return Facts(problems=(Problem("project.import-error", Place.at("wsgi.py"), message),))


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
