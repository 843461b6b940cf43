"""`mtvgen check` beside the server: what it finds is a warning, told once.

It runs in a process of its own that ends when it is done, so that it holds no memory while you
think, and only when nothing was saved for a moment, so that it takes no time from a reload.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

QUIET_SECONDS = 1.0  # without an edit, before the checks begin
_NICENESS = 10  # of 19: a browser that asks comes first


class Checks:
    """The run that is due, or under way.

    Args:
        root: The project's directory.
        say: Prints a line.
    """

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self._root = root
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._output = b""
        self._told: set[str] = set()
        self.due: float | None = None

    def schedule(self, now: float) -> None:
        """Check when it stays quiet; what is under way is out of date."""
        self.stop()
        self.due = now + QUIET_SECONDS

    def tick(self, now: float) -> None:
        """Begin, if it is time."""
        if self.due is None or self.due > now:
            return
        self.due = None
        command = [sys.executable, "-P", "-m", "mtvgen", "check", "--json"]
        self._process = subprocess.Popen(
            command,
            cwd=self._root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)

    def descriptors(self) -> list[int]:
        """What to wait on."""
        output = self._process.stdout if self._process else None
        return [output.fileno()] if output else []

    def hear(self) -> None:
        """Take what the run has printed; at its end, tell what is new."""
        if self._process is None:
            return  # an edit has just ended it
        data = os.read(self.descriptors()[0], 64 * 1024)
        self._output += data
        if not data:
            output = self._output
            self.stop()
            self._tell(output)

    def stop(self) -> None:
        """End what is under way, and do not begin."""
        self.due, self._output = None, b""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def _tell(self, output: bytes) -> None:
        try:
            problems = json.loads(output)["problems"]
        except (ValueError, KeyError):
            return  # the checks failed themselves; `mtvgen check` says how
        lines = {
            " ".join(f"{each['file']}:{each['line']}: {each['message']} {each['hint']}".split())
            for each in problems
            if each["severity"] == "error"
        }
        for line in sorted(lines - self._told):
            self._say(f"warning: {line}")
        self._told = lines
