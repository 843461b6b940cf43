"""A process of the server ends when the one that made it does, even if it is killed with -9."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends (Linux; elsewhere its channel does).

    It is tied to the thread that forked, so that thread must not end before its process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was too late: the parent ended before the line above
        os._exit(0)


def leave_signals_to_the_supervisor() -> None:
    """Do nothing at what a terminal sends to every process: the supervisor decides when to end.

    Handlers that do nothing, because the programs that a view starts would inherit SIG_IGN.
    """
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _nothing)


def _nothing(number: int, frame: FrameType | None) -> None:
    pass
