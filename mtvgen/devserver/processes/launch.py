"""How the processes that start workers begin and end, and what all of them share.

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
import sys
import traceback
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

from mtvgen.devserver.processes.channel import Channel, channels
from mtvgen.devserver.processes.programs import (
    FORK_SERVER,
    SPAWN_SERVER,
    ProcessArguments,
    command,
)
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.private_directory import abandoned_directories, private_directory

_PREFIX = "mtvgen-"  # of the server's directory among the temporary ones


class Processes:
    """The fork servers of a server (or its spawn servers); the first one begins at once.

    Args:
        root: The project's directory.
        listener: Where new connections come from.
        all_frames: Whole tracebacks, for `--traceback`.

    Attributes:
        directory: A private one for what one process leaves to the next; None where the system
            has no place for it, which costs time at each edit and nothing else.
    """

    def __init__(self, root: Path, listener: socket.socket, *, all_frames: bool) -> None:
        self._held = ExitStack()
        self.directory = _private_directory(self._held)
        self._root = root
        self._listener = listener
        self._handover = socket.socketpair()
        self._all_frames = all_frames
        self._pids: list[int] = []
        self._first: Channel | None = self._fork() if _forks() else None

    def start_fork_server(self) -> Channel:
        """The conversation with a new process that starts workers."""
        first, self._first = self._first, None
        return first or self._execute()

    def end(self) -> None:
        """End all at once: the kernel ends what a fork server has forked."""
        for pid in self._pids:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        for end in self._handover:
            end.close()
        self._held.close()

    def _fork(self) -> Channel:
        mine, its = channels()
        sys.stdout.flush()
        gc.freeze()  # neither's collector shall write into the pages that both share
        parent = os.getpid()
        pid = os.fork()
        if not pid:
            mine.close()
            self._become_fork_server(parent, its)
        its.close()
        self._pids.append(pid)
        return mine

    def _become_fork_server(self, parent: int, channel: Channel) -> NoReturn:
        try:
            if not sys.flags.safe_path:
                del sys.path[0]  # of the command, as -P below does
            gc.disable()  # imports make no garbage; a worker enables it when it has loaded
            from mtvgen.devserver.processes import fork_server

            fork_server.begin(self._arguments(parent, channel.detach()))
        except BaseException:
            traceback.print_exc()  # it is told nowhere else
        finally:
            os._exit(1)  # nothing of the command's stack may run in this process

    def _execute(self) -> Channel:
        self._pids = [pid for pid in self._pids if not _has_ended(pid)]
        mine, its = channels()
        arguments = self._arguments(os.getpid(), its.fileno())
        for descriptor in (arguments.channel, *arguments.sockets):
            os.set_inheritable(descriptor, True)
        line = command(FORK_SERVER if _forks() else SPAWN_SERVER, arguments.to_json())
        self._pids.append(os.posix_spawn(sys.executable, line, os.environ))
        its.close()
        return mine

    def _arguments(self, parent: int, channel: int) -> ProcessArguments:
        return ProcessArguments(
            parent=parent,
            channel=channel,
            sockets=[self._listener.fileno(), *(end.fileno() for end in self._handover)],
            root=str(self._root),
            directory=str(self.directory.path) if self.directory else None,
            all_frames=self._all_frames,
        )


def _forks() -> bool:
    """Whether workers are forked; where that is not safe, they are executed (spawn_server.py)."""
    chosen = os.environ.get("MTVGEN_DEVSERVER")
    return chosen == "fork" if sys.platform == "darwin" else chosen != "spawn"


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _private_directory(held: ExitStack) -> OpenDirectory | None:
    """A new directory of this server, after those of servers that were killed are removed.

    `tempfile` takes as long to import as Python does.
    """
    for place in filter(None, (os.environ.get("TMPDIR"), "/tmp")):  # noqa: S108
        with suppress(OSError):
            parent = held.enter_context(OpenDirectory.at(Path(place).resolve()))
            for _ in abandoned_directories(parent, _PREFIX):
                pass
            return held.enter_context(private_directory(parent, _PREFIX))
    return None
