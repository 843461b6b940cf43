"""A real `mtvgen runserver`, with its terminal in a file and its project in a directory."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

SECONDS = 40.0  # until a test gives up; what is measured takes milliseconds, on a busy machine more

SITE = {
    "urls.py": """
from mtvgen.runtime import path
from views import home
urlpatterns = [path("/", home.index), path("/slow", home.slow), path("/pid", home.pid)]
""",
    "wsgi.py": """
from pathlib import Path
from mtvgen.runtime import Application
from urls import urlpatterns
root = Path(__file__).parent
application = Application(
    urlpatterns, templates=root / "templates", static=root / "static", debug=True
)
""",
    "views/__init__.py": "",
    "views/home.py": """
import os
import time
from mtvgen.runtime import render
WORD = "first"
def index(request):
    return render(request, "home.html", word=WORD)
def slow(request):
    time.sleep(float(request.query.get("seconds", "1")))
    return WORD
def pid(request):
    return str(os.getpid())
""",
    "templates/home.html": "<!doctype html><html><head><title>t</title>"
    '<link rel="stylesheet" href="{{ static(\'style.css\') }}"></head>'
    "<body><h1>{{ word }}</h1></body></html>",
    "static/style.css": "h1 { color: rgb(1, 2, 3) }",
}


class Page(NamedTuple):
    status: int
    text: str
    headers: Mapping[str, str]


class Running:
    """The process, and what a person would do with it."""

    def __init__(self, process: subprocess.Popen[bytes], root: Path, log: Path) -> None:
        self.process = process
        self.root = root
        self.log = log
        self.port = int(self.wait_for_line(r"is at http://\S+:(\d+)/")[1])

    def terminal(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def told(self) -> str:
        """The end of the terminal, without the requests that were answered well."""
        lines = [line for line in self.terminal().splitlines() if "  200  " not in line]
        return "\n".join(lines[-40:])

    def wait_for_line(self, pattern: str) -> re.Match[str]:
        found = until(lambda: re.search(pattern, self.terminal()), self._explain(pattern))
        assert found
        return found

    def get(self, path: str = "/", *, accept: str = "text/html", host: str = "") -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        headers = {"Accept": accept, **({"Host": host} if host else {})}
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return Page(answer.status, answer.read().decode(), dict(answer.getheaders()))
        finally:
            connection.close()

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def wait_for(self, text: str, path: str = "/", *, status: int = 200) -> Page:
        """The first page with this status that holds the text."""
        pages: list[Page] = []

        def looks_right() -> bool:
            pages.append(self.get(path))
            return pages[-1].status == status and text in pages[-1].text

        until(looks_right, lambda: f"no {status} with {text!r}: {pages[-1:]}\n{self.told()}")
        return pages[-1]

    def worker(self) -> int:
        """The process that answers at the moment."""
        return int(self.get("/pid").text)

    def family(self) -> list[int]:
        """Every process that belongs to the server."""
        return session_of(self.process.pid)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def _explain(self, pattern: str) -> Callable[[], str]:
        return lambda: f"nothing like {pattern!r} in:\n{self.terminal()}"


@contextmanager
def runserver(
    root: Path,
    *arguments: str,
    site: Mapping[str, str] = SITE,
    environ: Mapping[str, str] = {},
    prefix: Sequence[str] = (),
) -> Iterator[Running]:
    root.mkdir(exist_ok=True, parents=True)
    for path, text in site.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    log = root.with_name(root.name + ".log")
    command = [*prefix, sys.executable, "-m", "mtvgen", "runserver", *(arguments or ["0"])]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **environ},
        )
    try:
        yield Running(process, root, log)
    finally:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            process.terminate()
            process.wait(3)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)


def hang_until_released(server: Running) -> None:
    """Save a module that waits while it is imported, look at the page, and let it go on."""
    release = server.root / "release"
    waits = f"while not os.path.exists({str(release)!r}):\n    time.sleep(0.05)\n"
    server.write("views/home.py", f"import time, os\n{waits}" + SITE["views/home.py"])
    page = server.wait_for("still being imported", status=500)
    assert "home.py" in page.text
    release.touch()
    server.wait_for("first")
    release.unlink()


def until(condition: Callable[[], object], explain: Callable[[], str] = lambda: "") -> object:
    """The first true value of a condition."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            if value := condition():
                return value
        time.sleep(0.01)
    raise AssertionError(explain())


def session_of(leader: int) -> list[int]:
    """The living processes of a session."""
    members = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                members.append(int(entry.name))
    return members
