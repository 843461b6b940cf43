"""The processes of holder.py, as tests use them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.devserver.holding import holder


class Holder:
    """The process of holder.py, and a project."""

    def __init__(self, root: Path, process: subprocess.Popen[str]) -> None:
        self.root = root
        self._process = process
        self._files: dict[str, str] = {}

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).parent.mkdir(exist_ok=True, parents=True)
            (self.root / path).write_text(text)

    def begin(self) -> None:
        """Hold nothing."""
        self._send("begin")
        self._receive()
        self._files = {}

    def start(self, *changed: str) -> dict[str, Any]:
        """Start the project after a change."""
        self._send("start", changed=[str(self.root / path) for path in changed])
        answer = self._receive()
        self._files |= answer["imported"]
        return answer

    def renew(self, *changed: str) -> set[str]:
        """Hold what may be held; the names."""
        paths = [str(self.root / path) for path in changed]
        self._send("renew", changed=paths, files=self._files)
        return set(self._receive()["held"])

    def knows(self, paths: Collection[str]) -> bool:
        return set(self._files.values()).issuperset(paths)

    def _send(self, do: str, **values: object) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self._process.stdin.flush()

    def _receive(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


@contextmanager
def holder_of(root: Path) -> Iterator[Holder]:
    command = [sys.executable, "-m", holder.__name__, str(root)]
    pipe, here = subprocess.PIPE, Path(__file__).parents[3]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=here) as process:
        yield Holder(root, process)
        assert process.stdin
        process.stdin.close()


def stamps(root: Path) -> dict[str, object]:
    return {str(path): path.read_bytes() for path in root.rglob("*.py")}
