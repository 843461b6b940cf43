"""The site that a worker serves, and the preparation of a process that imports the project."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mtvgen.devserver.processes.parent_death import leave_signals_to_the_supervisor
from mtvgen.devserver.processes.programs import ProcessArguments
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.private_directory import open_private_directory
from mtvgen.project.source_imports import import_from_sources


@dataclass(frozen=True)
class Site:
    """The site that a worker serves, and its address.

    Attributes:
        root: The project's directory.
        listener: Where new connections come from.
        handover: Where idle connections go to and come from; see `http/server.py`. None closes
            them.
        directory: Where compiled templates and what the checks found are kept for the next worker.
        all_frames: Whole tracebacks, for `--traceback`.
    """

    root: Path
    listener: socket.socket
    handover: tuple[socket.socket, socket.socket] | None = None
    directory: OpenDirectory | None = None
    all_frames: bool = False


def prepare(arguments: ProcessArguments) -> Site:
    """Make this process one of the server's, which imports the project; what it serves."""
    leave_signals_to_the_supervisor()
    listener, *handover = (socket.socket(fileno=number) for number in arguments.sockets)
    for end in (listener, *handover):
        end.set_inheritable(False)  # to the programs that a view starts
    root = Path(arguments.root)
    sys.dont_write_bytecode = True  # a project is imported as its files are now
    import_from_sources(root)
    return Site(
        root=root,
        listener=listener,
        handover=(handover[0], handover[1]) if handover else None,
        directory=_private_directory(arguments.directory),
        all_frames=arguments.all_frames,
    )


def _private_directory(path: str | None) -> OpenDirectory | None:
    """Return the server's directory, unless somebody has put another one in its place."""
    with suppress(OSError):
        return open_private_directory(Path(path)) if path else None
    return None
