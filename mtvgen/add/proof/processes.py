"""A process that an addition starts: its output is kept, and all that it starts ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str],
    directory: Path,
    *,
    patience: float,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run a command, and end all that it has started when it takes too long or we are stopped.

    Args:
        command: The program and its arguments.
        directory: Where it runs.
        patience: Seconds that it may take.
        environment: Variables besides our own.

    Returns:
        Its exit status, and what it has printed.

    Raises:
        TimeoutError: It takes longer.
    """
    with subprocess.Popen(
        command,
        cwd=directory,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{command[0]} takes longer than {patience} s") from error
        finally:
            if process.poll() is None:
                _end(process)
    return process.returncode, output.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
