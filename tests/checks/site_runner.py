"""Runs projects and asks them, each in a process of its own that is forked with all libraries.

`python -m tests.checks.site_runner` reads a project's directory and requests from each line of
standard input, as JSON, and answers with a line: what each request got. A project that has a
`rows.py` with `fill(db)` is filled by it.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

# Loaded once, for all that are forked.
from mtvgen.runtime.models import Model
from mtvgen.runtime.testing import Client


class SiteRunner:
    """A process that runs projects, one at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.checks.site_runner"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, root: Path, requests: Sequence[str]) -> list[tuple[int, str]]:
        """Status and text for each request, such as `POST /notes text=tea`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"root": str(root), "requests": list(requests)})
        print(line, file=self._process.stdin, flush=True)
        return [(status, text) for status, text in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _main() -> None:
    os.environ.update(SECRET_KEY="the key of a test, and long enough", ALLOWED_HOSTS="localhost")
    for line in sys.stdin:
        order = json.loads(line)
        reader, writer = os.pipe()
        if not os.fork():
            with os.fdopen(writer, "w") as answer:
                answer.write(json.dumps(_answers(Path(order["root"]), order["requests"])))
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            print(answer.read() or "[]", flush=True)
        os.wait()


def _answers(root: Path, requests: list[str]) -> list[tuple[int, str]]:
    os.chdir(root)
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    try:
        database = importlib.import_module("models").database
        application = importlib.import_module("wsgi").application
        with database.temporarily(root.parent / f"{root.name}.sqlite3"):
            Model.metadata.create_all(database.engine)
            if (root / "rows.py").exists():
                with database.session() as db:
                    importlib.import_module("rows").fill(db)
            client = Client(application)
            return [_answer(client, request) for request in requests]
    except Exception:
        return [(0, traceback.format_exc())] * len(requests)


def _answer(client: Client, request: str) -> tuple[int, str]:
    method, path, *fields = request.split()
    data = dict(field.partition("=")[::2] for field in fields)
    answer = client.open(path, method=method, data=data or None, follow_redirects=True)
    return answer.status_code, answer.text


if __name__ == "__main__":
    _main()
