"""The machines that execute a Python for each worker, which imports everything itself.

On macOS it is not safe to fork: the frameworks below some drivers and proxies abort a process that
was forked (https://bugs.python.org/issue33725). On Windows nothing can be.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import ClassVar

from mtvgen.devserver.processes.channel import Channel
from mtvgen.devserver.processes.launch import Launcher
from mtvgen.devserver.processes.programs import RESTART_WORKER, SPAWN_WORKER
from mtvgen.devserver.supervisor.machine import Ended, Machine

# Windows has no signal that a process could print its place at.
_ABORT = signal.SIGTERM if sys.platform == "win32" else signal.SIGABRT


class SpawnMachine(Machine):
    """The workers are children of this process, and hand idle connections over to each other."""

    program: ClassVar[str] = SPAWN_WORKER

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, id: int, *, is_stand_in: bool) -> Channel:
        """Execute a worker."""
        self._processes[id], channel = self._launcher.execute(self.program)
        return channel

    def kill(self, id: int) -> None:
        """End a worker."""
        self._processes[id].kill()

    def abort(self, id: int) -> None:
        """End a worker, which prints where it was."""
        self._processes[id].send_signal(_ABORT)

    def unheard(self, id: int) -> Iterable[Ended]:
        """End it in any case: the project may have closed what it did not open."""
        process = self._processes.pop(id)
        process.kill()  # a process that is ending by itself keeps its own exit code
        return [Ended(id, process.wait())]

    def reap(self) -> Iterable[Ended]:
        """Those that have ended; what they have forked may hold up the end of a conversation."""
        codes = {id: process.poll() for id, process in self._processes.items()}
        ended = [Ended(id, code) for id, code in codes.items() if code is not None]
        for worker in ended:
            del self._processes[worker.id]
        return ended


class RestartMachine(SpawnMachine):
    """The workers share the listening socket and nothing else: on Windows no more is possible."""

    program = RESTART_WORKER
    max_deaths = 1
    turn_seconds = 0.2  # neither a signal nor the end of a process ends a wait on Windows
    checks = False  # nor does what comes through a pipe
