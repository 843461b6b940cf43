"""`mtvgen check` next to the server: what it finds is a warning, once, and on the error page.

It runs in a process of its own that keeps what it learned from one edit to the next, and that
ends when nothing was saved for a while, so that it holds no memory while you think. It begins only
when nothing was saved for a moment, so that it takes no time from a reload.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mtvgen import checks
from mtvgen.devserver.found_problems import FoundProblem, save_problems
from mtvgen.disk.open_directory import OpenDirectory

CHECKS_SERVER = f"{checks.__name__}.server"

QUIET_SECONDS = 0.5  # without an edit, before the checks begin
SETTLE_SECONDS = 0.2  # before a result is printed: it may be of a file that was half written
IDLE_SECONDS = 10.0  # without an edit, before what was learned is forgotten: its memory is not held
_NICENESS = 10  # of 19: a browser that asks comes first


class BackgroundChecks:
    """The run that is due, or under way, and the process that makes it.

    Args:
        root: The project's directory.
        directory: Where workers find what the last run has found, if there is such a place; see
            `found_problems.py`.
        warn: Called with each problem that was not there before: its line, and the sentence in it.
    """

    def __init__(
        self, root: Path, directory: OpenDirectory | None, warn: Callable[[str, str], None]
    ) -> None:
        self._root = root
        self._directory = directory
        self._warn = warn
        self._process: subprocess.Popen[bytes] | None = None
        self._output = b""
        self._is_running = False
        self._reported: set[str] = set()
        self._begin_at: float | None = None
        self._stop_at: float | None = None
        self._result = b""
        self._report_at: float | None = None

    def schedule(self, now: float) -> None:
        """Check when it stays quiet; what was found is out of date."""
        self._begin_at, self._report_at = now + QUIET_SECONDS, None

    def next_deadline(self) -> float | None:
        """When `tick()` has something to do; None: when something is heard."""
        if self._is_running:
            return None  # what is due begins when this one has ended
        return self._begin_at or self._report_at or self._stop_at

    def tick(self, now: float) -> None:
        """Begin, report, or end the process, if it is time."""
        deadline = self.next_deadline()
        if deadline is None or deadline > now:
            return
        if self._begin_at is not None:
            self._begin()
        elif self._report_at is not None:
            self._report_at = None
            self._report(self._result)
        else:
            self.stop()

    def descriptors(self) -> list[int]:
        """Return what to wait on."""
        output = self._process.stdout if self._process else None
        return [output.fileno()] if output else []

    def hear(self, now: float) -> None:
        """Take what the run has printed; at the end of its line, report what is new."""
        data = os.read(self.descriptors()[0], 64 * 1024)
        self._output += data
        if not data:
            self.stop()  # it failed itself; `mtvgen check` says how
        elif data.endswith(b"\n"):
            self._result, self._output = self._output, b""
            self._is_running, self._stop_at = False, now + IDLE_SECONDS
            self._report_at = now + SETTLE_SECONDS if self._begin_at is None else None

    def stop(self) -> None:
        """End the process, and begin no other."""
        self._begin_at = self._report_at = self._stop_at = None
        self._output, self._is_running = b"", False
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def _begin(self) -> None:
        self._begin_at = None
        if not self._root.is_dir():  # renamed or deleted; its return is a change
            return
        self._is_running = True
        if self._process is None:
            self._process = self._start()
        request = json.dumps({"root": str(self._root)}).encode() + b"\n"
        with suppress(BrokenPipeError):  # it has just ended, which hear() sees
            os.write(self._process.stdin.fileno(), request)  # type: ignore[union-attr]  # a pipe

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", CHECKS_SERVER],
            cwd=self._root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        return process

    def _report(self, output: bytes) -> None:
        problems = json.loads(output)["problems"]
        errors = [problem for problem in problems if problem["severity"] == "error"]
        found = [FoundProblem(error["file"], error["line"], error["text"]) for error in errors]
        save_problems(found, self._directory)
        for error in errors:
            if error["text"] not in self._reported:
                self._warn(error["text"], f"{error['message']} {error['hint']}")
        self._reported = {error["text"] for error in errors}
