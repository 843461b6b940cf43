"""What stands in for the zygote where it is not safe to fork: it executes each worker afresh.

That takes as long as the start, because a worker has to import everything itself. All else is the
same. On macOS the frameworks below some drivers and proxies abort a process that was forked
(https://bugs.python.org/issue33725).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from mtvgen.devserver.processes.channel import Message, channel_of
from mtvgen.devserver.processes.child_loop import Maker
from mtvgen.devserver.processes.launch import PYTHON
from mtvgen.devserver.processes.parent_death import die_with, leave_signals_to_the_supervisor


class Spawner(Maker):
    """The loop of a spawner.

    Args:
        told: What `processes.py` has told it, which is passed on.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(channel_of(told["channel"]))
        self._told = told

    def _obey(self, message: Message) -> None:
        match message["do"]:
            case "fork":
                self._made(message, self._execute(message))
            case "layer":
                layer = channel_of(message["descriptor"])
                layer.send("held", files=[], reason="nothing is held where nothing is forked")
                layer.close()
            case "retire":
                self._retired = True

    def _execute(self, message: Message) -> int:
        told = {
            **self._told,
            "parent": os.getpid(),
            "channel": message["descriptor"],
            "because": message["because"],
            "error": message["error"],
        }
        os.set_inheritable(message["descriptor"], True)
        command = [*PYTHON, "-m", "mtvgen.devserver.processes.spawn_worker", json.dumps(told)]
        return os.posix_spawn(sys.executable, command, os.environ)


def main(text: str) -> None:
    """Be a spawner."""
    told = json.loads(text)
    leave_signals_to_the_supervisor()
    die_with(told["parent"])
    Spawner(told).run()


if __name__ == "__main__":
    main(sys.argv[1])
