"""A fault that strikes at one step of the work of this process: a full disk, a signal, the end."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sys
import traceback
from collections.abc import Callable, Collection
from typing import Any

# What changes the disk, as the interpreter's audit events tell it.
STEPS = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.chmod", "open"}


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Fault:
    """Strikes at one step of the work in this process, by an audit hook, which never goes away.

    Args:
        heard: The audit events that are a step.
    """

    def __init__(self, heard: Collection[str] = STEPS) -> None:
        self.heard = heard
        self.steps = 0
        self.strikes_at = 0
        self.strike: Callable[[], None] | None = None
        self.last = ""
        self.hears = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.strike is None or event not in self.heard:
            return
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        self.steps += 1
        self.last = event
        if self.steps == self.strikes_at:
            self.strike()

    @contextlib.contextmanager
    def at(self, number: int, strike: Callable[[], None]):
        if not self.hears:
            self.hears = True
            sys.addaudithook(self._hear)
        self.steps, self.strikes_at, self.strike = 0, number, strike
        try:
            yield
        finally:
            self.strike = None


def in_a_child(test: Callable[..., None]) -> Callable[..., None]:
    """Let a test run in a forked process, which the audit hook ends with."""

    @functools.wraps(test)
    def forked(*args: Any, **kwargs: Any) -> None:
        child = os.fork()
        if not child:
            try:
                test(*args, **kwargs)
                os._exit(0)
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    return forked
