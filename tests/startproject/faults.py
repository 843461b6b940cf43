"""Break `create_project` at each of its steps in turn.

    python tests/startproject/faults.py FAULT PLACE

    FAULT   kill, term, int: that signal; full: the disk has no room
    PLACE   new: a directory that is not there; nested: nor is its parent; filled: one that is

A step is whatever changes the disk, as the interpreter's audit events tell it
(https://docs.python.org/3/library/audit_events.html). Each step gets a forked child of its own in a
fresh directory; the template is a small one, with a file of every kind that is handled apart.
For each, one line is printed: what was left behind, first at once, then after the next run in
the same place.

    17 os.mkdir as-before
    23 os.rename complete
    9 open hidden swept
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

import mtvgen.startproject.engine  # noqa: F401  # before the fork, so that no child pays for it
from mtvgen.errors import MtvgenError
from mtvgen.startproject.create import create_project
from tests.support.trees import tree

_STEPS = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.chmod", "open"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FAULTS: dict[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "term": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "int": lambda: os.kill(os.getpid(), signal.SIGINT),
    "full": _full,
}
PLACES = {"new": "site", "nested": "a/b/site", "filled": "."}


FILES = {
    ".env.example": "SECRET_KEY=\n",
    "README.md": "{{ cookiecutter.project_name }}",
    "models/note.py": "rendered",
    "pages/notes/index.html": "{{ copied }}",
    "static/logo.bin": "\0binary",
    "urls.py": "{{ cookiecutter.project_name }}",
}
COPIED = ["pages/*"]


def main() -> None:
    """Run one child for each step, until a child has fewer steps than that."""
    fault, place = FAULTS[sys.argv[1]], PLACES[sys.argv[2]]
    for number in range(1, 1000):
        with tempfile.TemporaryDirectory() as scratch:
            template = _template(Path(scratch, "template"))
            root = Path(scratch, "root")
            (root / "models").mkdir(parents=True)
            (root / "models" / "mine.txt").write_text("mine")
            (root / "README.md").write_text("mine")
            (root / "static").mkdir(mode=0o750)
            before = tree(root)
            step = _step_that_breaks(number, fault, root, place, template)
            if step is None:
                return
            print(number, step, *_left(root, place, before, template))


def _template(folder: Path) -> str:
    settings = {"project_name": "x", "_copy_without_render": COPIED}
    for name, text in FILES.items():
        file = folder / "{{cookiecutter.project_name}}" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "cookiecutter.json").write_text(json.dumps(settings))
    return str(folder)


def _step_that_breaks(
    number: int, fault: Callable[[], None], root: Path, place: str, template: str
) -> str | None:
    """The event at which the fault struck, None if there were not so many."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(MtvgenError):
            os.chdir(root)
            sys.addaudithook(_Breaker(number, fault, writing))
            create_project("site", place, template=template)
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read() or None


class _Breaker:
    """An audit hook that lets a fault strike at one event."""

    def __init__(self, number: int, fault: Callable[[], None], report: int) -> None:
        self._left = number
        self._fault = fault
        self._report = report

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _STEPS or (event == "open" and not arguments[2] & _WRITES):
            return
        self._left -= 1
        if self._left == 0:
            os.write(self._report, event.encode())
            self._fault()


def _left(root: Path, place: str, before: dict[str, tuple[int, bytes]], template: str) -> list[str]:
    words = [_state(root, place, before)]
    if words == ["complete"]:
        return words
    os.chdir(root)
    create_project("other", template=template)  # the next run
    shutil.rmtree(root / "other")
    return [*words, _state(root, place, before)]


def _state(root: Path, place: str, before: dict[str, tuple[int, bytes]]) -> str:
    after = tree(root)
    new = {name: entry for name, entry in after.items() if before.get(name) != entry}
    if any(after.get(name) != entry for name, entry in before.items()):
        return "DAMAGED"
    if not new:
        return "as-before"
    hidden = {name.partition("/")[0] for name in new if name.startswith(".mtvgen-")}
    visible = [name for name in new if not name.startswith(".mtvgen-")]
    if not visible:
        return "hidden" if len(hidden) == 1 else "LITTER"
    top = "" if place == "." else f"{place}/"
    if all(f"{top}{file}" in after for file in [*FILES, ".env"]):
        return "complete+hidden" if hidden else "complete"
    return "partial+hidden" if hidden else "PARTIAL"


if __name__ == "__main__":
    main()
