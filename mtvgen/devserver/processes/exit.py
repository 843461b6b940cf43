"""The end of a process that serves: nothing that the project left running may hold it up."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

EXIT_FUNCTIONS_SECONDS = 0.5  # for what the project registered with atexit


def end_process(code: int, *, seconds: float = EXIT_FUNCTIONS_SECONDS) -> NoReturn:
    """Run the exit functions for so many seconds, flush, and end the process.

    `sys.exit()` would wait for the threads that a view has started, for ever if need be.
    """
    run = getattr(atexit, "_run_exitfuncs", None)  # of CPython, which has no public way
    if run is not None and seconds:
        runner = threading.Thread(target=run, daemon=True)
        runner.start()
        runner.join(seconds)
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # closed, or the reader has gone
            stream.flush()
    os._exit(code)
