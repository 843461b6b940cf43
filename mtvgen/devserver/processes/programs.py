"""The processes of the server that are executed, not forked: the command line of each."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

# Each is a module of this folder, whatever the folder is called.
FORK_SERVER = f"{__package__}.fork_server"
SPAWN_WORKER = f"{__package__}.spawn_worker"
RESTART_WORKER = f"{__package__}.restart_worker"

# -P: the current directory, which may be inside the project, is not a place to import from.
_PYTHON = (sys.executable, "-P", *(f"-W{option}" for option in sys.warnoptions))


def command(program: str, *arguments: str) -> list[str]:
    """Return what executes a program, in the Python and with the warnings of this process."""
    return [*_PYTHON, "-m", program, *arguments]


@dataclass(frozen=True)
class ProcessArguments:
    """Facts for a process that is executed, as one argument of its command line.

    Attributes:
        parent: The process that it ends with.
        channel: The descriptor of its conversation with the supervisor.
        sockets: The descriptors of the listener and, if there is one, of both ends of the
            handover.
        root: The project's directory.
        directory: The server's private directory, if it has one.
        all_frames: Whole tracebacks, for `--traceback`.
    """

    parent: int
    channel: int
    sockets: Sequence[int]
    root: str
    directory: str | None
    all_frames: bool

    def to_json(self) -> str:
        """Return the argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ProcessArguments:
        """Return what `to_json()` has written."""
        return cls(**json.loads(text))
