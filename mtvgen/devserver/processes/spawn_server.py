"""What takes the fork server's place where it is not safe to fork: it executes each worker.

That takes as long as the start, because a worker has to import everything itself. All else is the
same. On macOS the frameworks below some drivers and proxies abort a process that was forked
(https://bugs.python.org/issue33725).
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from mtvgen.devserver.processes.channel import Message, channel_of
from mtvgen.devserver.processes.child_loop import ChildLoop
from mtvgen.devserver.processes.parent_death import die_with, leave_signals_to_the_supervisor
from mtvgen.devserver.processes.programs import SPAWN_WORKER, ProcessArguments, command


class SpawnServer(ChildLoop):
    """The loop of a spawn server.

    Args:
        arguments: Its own, of which each worker gets most.
    """

    def __init__(self, arguments: ProcessArguments) -> None:
        super().__init__(channel_of(arguments.channel))
        self._arguments = arguments

    def _obey(self, message: Message) -> None:
        match message["do"]:
            case "fork":
                self._register(message, self._execute(message))
            case "fork_models_server":
                models_server = channel_of(message["descriptor"])
                reason = "nothing is held where nothing is forked"
                models_server.send("held", files=[], reason=reason)
                models_server.close()
            case "retire":
                self._retired = True

    def _execute(self, message: Message) -> int:
        arguments = replace(
            self._arguments,
            parent=os.getpid(),
            channel=message["descriptor"],
            because=message["because"],
            error=message["error"],
            is_first=message["is_first"],
        )
        os.set_inheritable(message["descriptor"], True)
        line = command(SPAWN_WORKER, arguments.to_json())
        return os.posix_spawn(sys.executable, line, os.environ)


def begin(arguments: ProcessArguments) -> None:
    """Be a spawn server."""
    leave_signals_to_the_supervisor()
    die_with(arguments.parent)
    SpawnServer(arguments).run()


if __name__ == "__main__":
    begin(ProcessArguments.from_json(sys.argv[1]))
