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

S = TypeVar("S")
T = TypeVar("T")

_NICE = 3  # of three processes on two processors, the first then has one of these for itself
_LARGE = 1 << 20  # bytes; the most that Linux lets any user have a pipe hold


def can_fork() -> bool:
    """Return whether a forked process would find a processor of its own, and no lock held.

    A lock that another thread of this process holds would stay held in the forked one. Where the
    system does not say which processors there are, its own libraries don't outlast a fork either.
    """
    if not hasattr(os, "sched_getaffinity") or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1


def meanwhile(find: Callable[[], T], *, gives_way: bool = False) -> Callable[[], T]:
    """Start a function in a process that is forked for it.

    Args:
        find: Returns what can be pickled, and changes nothing that matters.
        gives_way: Whether this process, where it has more to do than others, keeps a processor.

    Returns:
        What waits for the result, and is called once. Where the process has failed, or can't be
        made, it calls the function itself, which then says why.
    """
    forked = _forked(find, gives_way=gives_way)
    return find if forked is None else partial(_result, find, *forked)


def meanwhile_prepared(
    prepare: Callable[[], None], find: Callable[[S], T]
) -> Callable[[S], Callable[[], T]]:
    """Start to prepare a function in a process that is forked for it.

    Args:
        prepare: Makes what the function will need, and does without what it will be given.
        find: As for meanwhile(), of a value; it gives way.

    Returns:
        What takes the value, which can be pickled, and returns what meanwhile() does.
    """
    hearing, handing = os.pipe()
    _widen(handing)

    def find_then() -> T:
        os.close(handing)
        prepare()
        with os.fdopen(hearing, "rb") as pipe:
            return find(pickle.load(pipe))  # noqa: S301  # written by our own parent

    def hand(value: S) -> Callable[[], T]:
        with suppress(BrokenPipeError), os.fdopen(handing, "wb") as pipe:
            pipe.write(pickle.dumps(value))
        itself = partial(find, value)
        return itself if forked is None else partial(_result, itself, *forked)

    forked = _forked(find_then, gives_way=True)
    os.close(hearing)
    return hand


def _widen(pipe: int) -> None:
    """Make room in a pipe, so that whoever writes need not wait for one who is busy."""
    import fcntl  # Windows has none, and forks nothing

    with suppress(AttributeError, OSError):  # Linux alone can; and users have a limit together
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _LARGE)


def _forked(find: Callable[[], object], *, gives_way: bool) -> tuple[int, int] | None:
    """Return the pipe of a new process that answers, and its number; None if none can be made."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        process = os.fork()
    except OSError:  # this user has too many, or too little memory
        os.close(reading)
        os.close(writing)
        return None
    if process == 0:
        os.close(reading)
        os.nice(_NICE if gives_way else 0)
        _answer(find, writing)
    os.close(writing)
    return reading, process


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
