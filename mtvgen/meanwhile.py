"""Work that a forked process does meanwhile, on a second processor."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NoReturn, TypeVar

T = TypeVar("T")


def can_fork() -> bool:
    """Return whether a forked process would find a processor of its own, and no lock held.

    A lock that another thread of this process holds would stay held in the forked one. Where the
    system does not say which processors there are, its own libraries don't outlast a fork either.
    """
    if not hasattr(os, "sched_getaffinity") or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1


def meanwhile(find: Callable[[], T]) -> Callable[[], T]:
    """Start a function in a process that is forked for it.

    Args:
        find: Returns what can be pickled, and changes nothing that matters.

    Returns:
        What waits for the result, and is called once. Where the process has failed, or can't be
        made, it calls the function itself, which then says why.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        process = os.fork()
    except OSError:  # this user has too many, or too little memory
        os.close(reading)
        os.close(writing)
        return find
    if process == 0:
        os.close(reading)
        _answer(find, writing)
    os.close(writing)
    return partial(_result, find, reading, process)


def _answer(find: Callable[[], object], writing: int) -> NoReturn:
    """In the forked process: answer, and end without any of the parent's clean-up."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
        pickled = pickle.dumps(find())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickled)
    finally:
        os._exit(0)


def _result(find: Callable[[], T], reading: int, process: int) -> T:
    with os.fdopen(reading, "rb") as pipe:
        pickled = pipe.read()
    with suppress(ChildProcessError):  # where whoever started this one ignores SIGCHLD
        os.waitpid(process, 0)
    try:
        result: T = pickle.loads(pickled)  # noqa: S301  # written by our own child
    except (EOFError, pickle.UnpicklingError):
        return find()
    return result
