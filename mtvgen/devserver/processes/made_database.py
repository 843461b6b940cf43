"""The state of the project's database, found in a process that ends when it is known.

To make a database takes Alembic: 15 MB that the worker would hold, and no page needs.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress

from mtvgen.devserver.processes.forking import fork
from mtvgen.devserver.processes.parent_death import die_with
from mtvgen.project.database import is_database_missing, report_database_state
from mtvgen.project.loading import Project


def report_database(project: Project, say: Callable[[str], None]) -> None:
    """Say what `report_database_state()` says; a database that is missing is made elsewhere.

    Args:
        project: Its `models` is imported.
        say: Prints a line.
    """
    # A fork next to another thread is safe on Linux alone; ours waits for a message meanwhile.
    if sys.platform == "linux" and is_database_missing(project):
        _report_from_fork(project, say)
    else:
        report_database_state(project, say)


def _report_from_fork(project: Project, say: Callable[[str], None]) -> None:
    parent = os.getpid()
    reading, writing = os.pipe()

    def report() -> None:
        die_with(parent)
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            report_database_state(project, lambda line: print(line, file=pipe))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # for the thread, since Python 3.12
        child = fork(report)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        for line in pipe:
            say(line.rstrip("\n"))
    with suppress(ChildProcessError):  # a project may have all its children reaped
        os.waitpid(child, 0)
