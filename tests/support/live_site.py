"""A project made by `mtvgen startproject`, and a real `mtvgen runserver` process in front of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.support.forked_commands import mtvgen

BIN = Path(sys.executable).parent


def environment(home: Path) -> dict[str, str]:
    """What a new shell has, and the commands of this Python's environment."""
    return {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def make_project(directory: Path, name: str = "mysite") -> Path:
    """Run `mtvgen startproject` in a directory; the new project's root."""
    mtvgen("startproject", name, cwd=directory, env=environment(directory)).check_returncode()
    return directory / name


@contextmanager
def running(project: Path, *command: str) -> Iterator[str]:
    """Serve a project; gives its address, without the final slash."""
    process = subprocess.Popen(
        command or ("mtvgen", "runserver", "0"),
        cwd=project,
        env=environment(project.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield address_of(process)
    finally:
        # wsgiref swallows a Ctrl-C that comes while it ends a response.
        process.send_signal(signal.SIGTERM if command[:1] == ("python",) else signal.SIGINT)
        process.communicate(timeout=10)


def address_of(process: subprocess.Popen[str]) -> str:
    """The address that a server says first."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if address := re.search(r"http://[^\s/]+", line):
            return address[0]
    raise AssertionError(f"no address in what the server said:\n{said}")


def get(url: str) -> tuple[int, str]:
    """Status and text of a page."""
    try:
        # What a browser accepts: others get the development server's pages as plain text.
        request = urllib.request.Request(quote(url, safe=":/?=&%"), headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
