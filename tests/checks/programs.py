"""Small projects, as data: what is asked of each, what it answers, and its files.

    === a class as a view
    GET /3 => page 3
    --- views/page.py
    ...

A program is its title, its requests with a text that the answer has, and its files.
What it leaves out is below: a `urls.py` with one route to `views/page.py`, and so on.
One with mistakes has, in place of requests, what `mtvgen check` has to report, in its order:

    problem views/page.py:3 views.parameter-extra needs 'user'
    unchecked views/page.py:4 its template is computed
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# What a program has unless it says otherwise; views/__init__.py is there in every project.
DEFAULT_FILES = {
    "settings.py": """from pathlib import Path
from mtvgen.runtime import Settings

settings = Settings.from_environment(Path(__file__).parent)
""",
    "wsgi.py": """from mtvgen.runtime import Application, signed_sessions
from mtvgen.runtime.models import database_session
from models import database
from settings import settings
from urls import urlpatterns

application = Application(
    urlpatterns,
    templates=settings.root / "templates",
    middleware=[database_session(database), signed_sessions(settings.secret_key)],
)
""",
    "urls.py": """from mtvgen.runtime import path
from views import page
urlpatterns = [path("/", page.index)]
""",
    "models/__init__.py": """from mtvgen.runtime.models import Database
from settings import settings

database = Database(settings.database_url)
""",
    "views/__init__.py": "",
}


@dataclass(frozen=True)
class Program:
    """One project, and what it answers, or what has to be reported of it."""

    title: str
    requests: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, str, str], ...]
    unchecked: tuple[tuple[str, str], ...]
    files: dict[str, bytes]

    def write(self, root: Path) -> None:
        """Write the project below a new directory."""
        (root / "templates").mkdir(parents=True)
        for name, content in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def read_programs(directory: str) -> dict[str, Program]:
    """The programs of a directory next to this file, by the subject of their file and title."""
    programs = {
        (file.stem, section): _parsed(section)
        for file in sorted(Path(__file__).with_name(directory).glob("*.txt"))
        for section in re.split(r"(?m)^=== ", file.read_text(encoding="utf-8"))[1:]
    }
    return {f"{subject}: {program.title}": program for (subject, _), program in programs.items()}


def _parsed(section: str) -> Program:
    head, *parts = re.split(r"(?m)^--- ", section)
    title, *lines = head.strip().splitlines()
    requests = tuple(_split_once(line, " => ") for line in lines if " => " in line)
    problems = tuple(
        (place, kind, words)
        for _, place, kind, words in (line.split(" ", 3) for line in _of(lines, "problem"))
    )
    unchecked = tuple(
        (place, words)
        for _, place, words in (line.split(" ", 2) for line in _of(lines, "unchecked"))
    )
    files = {name: text.encode() for name, text in DEFAULT_FILES.items()}
    for part in parts:
        name, text = _split_once(part, "\n")
        files[name.removesuffix(WINDOWS)] = _encoded(text, windows=name.endswith(WINDOWS))
    return Program(title, requests, problems, unchecked, files)


def _of(lines: list[str], kind: str) -> list[str]:
    return [line for line in lines if line.startswith(f"{kind} ")]


# Behind a file's name: as editors on Windows may write it.
WINDOWS = " (BOM, CRLF)"


def _encoded(text: str, *, windows: bool) -> bytes:
    text = text.rstrip("\n") + "\n"
    return text.replace("\n", "\r\n").encode("utf-8-sig") if windows else text.encode()


def _split_once(text: str, separator: str) -> tuple[str, str]:
    first, _, rest = text.partition(separator)
    return first, rest
