"""From an empty directory to a closed staff area over two models: what is typed, and how long.

MTVGEN_FULL=1 pytest -s tests/add/pages/test_ten_minutes.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.support.live_site import environment

pytestmark = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ, reason="takes a minute: set MTVGEN_FULL=1"
)
MOST_LINES = 30
MODELS = """\
from mtvgen.runtime.models import Model
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship


class Author(Model):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Model):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)
    author: Mapped[Author] = relationship()
"""
FACE = {
    "from models.note import Note\n": "from models.book import Author, Book\n",
    '"Note", "database"]': '"Author", "Book", ',
}
PASSWORD = "correct horse battery"


@dataclass
class Person:
    """Somebody at a terminal and in an editor; each line that they type is counted."""

    directory: Path
    lines: int = 0

    def types(self, command: str) -> str:
        self.lines += 1
        done = subprocess.run(
            command,
            shell=True,  # as it is typed
            cwd=self.directory,
            env=environment(self.directory),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def writes(self, file: str, text: str) -> None:
        self.lines += sum(bool(line.strip()) for line in text.splitlines())
        (self.directory / file).write_text(text)

    def changes(self, file: str, in_front_of: dict[str, str]) -> None:
        path = self.directory / file
        text = path.read_text()
        for place, new in in_front_of.items():
            assert place in text
            text = text.replace(place, new + place)
            self.lines += 1
        path.write_text(text)


@dataclass
class Browser:
    """Somebody with a browser, who keeps their cookies."""

    address: str

    def __post_init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def opens(self, path: str, **form: str) -> tuple[int, str, str]:
        """Return the status, where it ended, and the page."""
        data = urlencode(form).encode() if form else None
        request = Request(self.address + path, data, {"Accept": "text/html"})
        try:
            with self.opener.open(request) as answer:
                return answer.status, answer.url, answer.read().decode()
        except HTTPError as error:
            return error.code, error.url, error.read().decode()


@contextmanager
def served(project: Path, output: Path) -> Iterator[str]:
    with output.open("w") as file:
        process = subprocess.Popen(
            ["mtvgen", "runserver", "0"],
            cwd=project,
            env=environment(project.parent),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield found(r"(http://127\.0\.0\.1:\d+)/", output)
    finally:
        process.terminate()
        process.wait(30)


def found(pattern: str, output: Path) -> str:
    """Wait for something to be printed."""
    for _ in range(600):
        if match := re.search(pattern, output.read_text()):
            return match[1]
        time.sleep(0.1)
    raise AssertionError(output.read_text())


def test_a_closed_staff_area_over_two_models_takes_thirty_lines(tmp_path):
    began = time.monotonic()
    person = Person(tmp_path)
    person.types("mtvgen startproject shop")
    person.directory = tmp_path / "shop"
    person.lines += 1  # cd shop
    person.writes("models/book.py", MODELS)
    person.changes("models/__init__.py", FACE)
    person.types("mtvgen makemigrations -m books")
    person.types("mtvgen add accounts")
    person.types("mtvgen add pages Author")
    person.types("mtvgen add pages Book")
    person.types("mtvgen migrate")
    person.types("python -m pytest -q")
    assert "no problems" in person.types("mtvgen check")

    output = tmp_path / "terminal"
    with served(person.directory, output) as address:
        person.lines += 1  # mtvgen runserver
        ada, visitor = Browser(address), Browser(address)
        ada.opens("/sign-up", email="ada@example.com")
        link = found(r"http://[^/\s]+(/sign-up/\S+)", output)
        ada.opens(link, password=PASSWORD)
        assert ada.opens("/books")[0] == 403
        person.types("""echo 'db.get(User, 1).roles = ["staff"]; db.commit()' | mtvgen shell""")
        assert ada.opens("/authors/new", name="Ada")[1] == f"{address}/authors/1"
        assert ada.opens("/books/new", title="Tea", author="1")[1] == f"{address}/books/1"
        assert 'href="/authors/1"' in ada.opens("/books")[2]
        assert "can't be deleted" in ada.opens("/authors/1/delete", yes="yes")[2]
        assert visitor.opens("/books")[1] == f"{address}/login?next=/books"
    took = time.monotonic() - began

    print(f"{person.lines} lines typed, {took:.0f} s of the machine", file=sys.stderr)
    assert person.lines <= MOST_LINES
