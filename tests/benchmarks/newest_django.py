"""Django 6, which needs Python 3.12: in an environment of its own, next to an older Python's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "Django 6"
LEAST_PYTHON = (3, 12)
PACKAGES = ["django>=6", "gunicorn", "psycopg[binary]", "whitenoise"]


class NotAvailable(Exception):
    """Django 6 can't be measured here; the message says why."""


def environment(directory: Path) -> Path:
    """Return the folder of programs of an environment with Django 6, made in `directory`.

    Raises:
        NotAvailable: No Python here runs it, or it could not be installed.
    """
    python = next(_pythons(), None)
    if python is None:
        raise NotAvailable("it needs Python 3.12, and there is none on this machine")
    programs = directory / "bin"
    commands = [[python, "-m", "venv", directory], [programs / "pip", "install", "-q", *PACKAGES]]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NotAvailable(f"its environment can't be made: {done.stderr.strip()[-300:]}")
    return programs


def _pythons() -> Iterator[str]:
    """Yield each Python that is new enough, this one first, then the newest."""
    if sys.version_info >= LEAST_PYTHON:
        yield sys.executable
    for minor in range(LEAST_PYTHON[1] + 2, LEAST_PYTHON[1] - 1, -1):
        name = f"python3.{minor}"
        # A shim of a version manager may be on the PATH without a Python behind it.
        kept = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/{name}"))
        for candidate in (name, *map(str, kept)):
            if _runs(candidate):
                yield candidate


def _runs(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False
