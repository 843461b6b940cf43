"""Start and end of the server's processes, and what all of them share.

The first fork server is forked before this process has imported what only the supervisor needs:
the two import at the same time, and what they share has been imported once. Later ones are
executed, because the supervisor has threads by then, and a new one replaces one that holds old
code.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from enum import StrEnum, auto
from pathlib import Path

from mtvgen.devserver.processes.channel import Channel, channels
from mtvgen.devserver.processes.forking import fork
from mtvgen.devserver.processes.programs import FORK_SERVER, ProcessArguments, command
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.private_directory import abandoned_directories, private_directory
from mtvgen.errors import MtvgenError

_PREFIX = "mtvgen-"  # of the server's directory among the temporary ones


class LaunchError(MtvgenError):
    """No process of the server can be started."""

    kind = "launch"


class Mode(StrEnum):
    """The way workers begin: see docs/runserver.md."""

    FORK = auto()
    SPAWN = auto()
    RESTART = auto()


class Launcher:
    """The processes of a server; where workers are forked, the first fork server begins at once.

    Args:
        root: The project's directory.
        listener: Where new connections come from.
        all_frames: Whole tracebacks, for `--traceback`.

    Attributes:
        root, listener, all_frames: The same.
        mode: How workers begin.
        directory: A private one for what one process leaves to the next; None where the system
            has no place for it, which costs time at each edit and nothing else.
    """

    def __init__(self, root: Path, listener: socket.socket, *, all_frames: bool) -> None:
        self.root = root
        self.listener = listener
        self.all_frames = all_frames
        self.mode = _mode()
        self._held = ExitStack()
        self._sockets = [listener]
        self.directory = None
        if self.mode is not Mode.RESTART:
            # For idle connections, from worker to worker.
            self._sockets += map(self._held.enter_context, socket.socketpair())
            self.directory = _private_directory(self._held)
        self._forked: int | None = None
        self._executed: list[subprocess.Popen[bytes]] = []
        self._first = self._fork() if self.mode is Mode.FORK else None

    def start_fork_server(self) -> Channel:
        """Return the conversation with a new process that forks workers."""
        first, self._first = self._first, None
        return first or self.execute(FORK_SERVER)[1]

    def execute(self, program: str) -> tuple[subprocess.Popen[bytes], Channel]:
        """Start a process of its own, see programs.py, and return the conversation with it.

        Raises:
            LaunchError: Python is not where it was, or the system is out of processes or memory.
        """
        self._executed = [process for process in self._executed if process.poll() is None]
        mine, its = socket.socketpair()
        for end in (its, *self._sockets):
            end.set_inheritable(True)
        line = command(program, self._arguments(os.getpid(), its.fileno()).to_json())
        try:
            # All else that is open here is not inheritable (PEP 446); `pass_fds` is POSIX's alone.
            process = subprocess.Popen(line, close_fds=False)
        except OSError as error:
            mine.close()
            raise LaunchError(f"can't start {sys.executable}: {error.strerror}.") from error
        finally:
            its.close()
        self._executed.append(process)
        return process, Channel(mine)

    def new_channel(self) -> tuple[Channel, int]:
        """Return a channel, and the descriptor of its other end."""
        mine, its = channels()
        return mine, its.detach()

    def packages_stamp(self) -> object:
        """Return what changes when a package is installed or removed."""
        import site

        times = []
        for place in site.getsitepackages():
            with suppress(OSError):  # it is missing, or being made again
                times.append(Path(place).stat().st_mtime)
        return times

    def kill(self, pid: int, number: int) -> None:
        """Send a signal to a process that its parent has not waited for."""
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def end(self) -> None:
        """End all at once: the kernel ends what a fork server has forked."""
        for process in self._executed:
            process.kill()
            process.wait()
        if self._forked is not None:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._forked, signal.SIGKILL)
                os.waitpid(self._forked, 0)
        self._held.close()

    def _fork(self) -> Channel:
        # Both need it: imported before the fork it is in memory once, and read once.
        import mtvgen.runtime  # noqa: F401

        parent = os.getpid()
        mine, its = channels()

        def become_fork_server() -> None:
            mine.close()
            if not sys.flags.safe_path:
                del sys.path[0]  # of the command, as -P of programs.py does
            gc.disable()  # imports make no garbage; a worker enables it when it has loaded
            from mtvgen.devserver.processes import fork_server

            fork_server.begin(self._arguments(parent, its.detach()))

        self._forked = fork(become_fork_server)
        its.close()
        return mine

    def _arguments(self, parent: int, channel: int) -> ProcessArguments:
        return ProcessArguments(
            parent=parent,
            channel=channel,
            sockets=[end.fileno() for end in self._sockets],
            root=str(self.root),
            directory=str(self.directory.path) if self.directory else None,
            all_frames=self.all_frames,
        )


def _mode() -> Mode:
    """Return what `MTVGEN_DEVSERVER` names, unless the system can't; the default is the fastest."""
    chosen = os.environ.get("MTVGEN_DEVSERVER")
    if chosen == Mode.RESTART or not hasattr(os, "fork"):
        return Mode.RESTART
    default = Mode.SPAWN if sys.platform == "darwin" else Mode.FORK
    return Mode(chosen) if chosen in (Mode.FORK, Mode.SPAWN) else default


def _private_directory(held: ExitStack) -> OpenDirectory | None:
    """Return a new directory of this server, after those of servers that were killed are removed.

    `tempfile` takes as long to import as Python does.
    """
    for place in filter(None, (os.environ.get("TMPDIR"), "/tmp")):  # noqa: S108
        with suppress(OSError):
            parent = held.enter_context(OpenDirectory.at(Path(place).resolve()))
            for _ in abandoned_directories(parent, _PREFIX):
                pass
            return held.enter_context(private_directory(parent, _PREFIX))
    return None
