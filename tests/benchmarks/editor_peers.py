"""`mtvgen lsp` next to the language servers of others, where they do the same.

    python -m tests.benchmarks.editor_peers [--rounds 20]

`pip install jinja-lsp django-language-server django` brings both; one that is not on PATH is named
and left out. jinja-lsp sees the same new project as mtvgen, and djls a new project of Django's with
templates of the same shape. All of them get the same messages: a page is opened, a mistake that
each of them knows is typed into it (a filter, or for Django a tag, that does not exist), and the
parent's name in `extends` is asked about. Times are milliseconds through the pipe, the median of
the rounds.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.language_client import Client

PATIENCE = 20.0  # seconds until a server that says nothing is taken to say nothing
OWN = (sys.executable, "-P", "-m", "mtvgen", "lsp")


class Contestant(NamedTuple):
    """A server, and what it is asked about.

    Attributes:
        name: As it is printed.
        command: What starts it.
        page: The page that is opened, below the project.
        mistake: What is typed into its block.
        language: What an editor calls such a file.
    """

    name: str
    command: tuple[str, ...]
    page: str
    mistake: str
    language: str


CONTESTANTS = (
    Contestant("mtvgen lsp", OWN, "templates/notes/index.html", "{{ 1|nosuch }}", "jinja"),
    Contestant(
        "jinja-lsp", ("jinja-lsp", "lsp"), "templates/notes/index.html", "{{ 1|nosuch }}", "jinja"
    ),
    Contestant("djls", ("djls", "serve"), "templates/page.html", "{% nosuch %}", "htmldjango"),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    columns: dict[str, dict[str, str]] = {}
    for contestant in CONTESTANTS:
        program = shutil.which(contestant.command[0])
        if program is None:
            print(f"{contestant.name} is not here: see the head of this script")
            continue
        contestant = contestant._replace(command=(program, *contestant.command[1:]))
        with tempfile.TemporaryDirectory() as directory:
            columns[contestant.name] = measured(contestant, Path(directory).resolve(), rounds)
    names = dict.fromkeys(name for figures in columns.values() for name in figures)
    print(f"{'milliseconds':40}" + "".join(f"{name:>14}" for name in columns))
    for name in names:
        print(f"{name:40}" + "".join(f"{one.get(name, '-'):>14}" for one in columns.values()))


def measured(contestant: Contestant, directory: Path, rounds: int) -> dict[str, str]:
    """Return the figures of one server."""
    root = write_django(directory) if contestant.name == "djls" else write_project(directory)
    client = Client(root, command=contestant.command)
    client.start(encodings=("utf-8",))
    figures = {}
    pages = sorted((root / "templates").rglob("*.html"))
    for page in pages:
        client.open(page, language=contestant.language)
    client.settle(2)
    false = sum(map(len, client.diagnostics.values()))
    figures["problems of a project without a mistake"] = str(false)

    page = (root / contestant.page).as_uri()
    good = client.texts[page]
    bad = good.replace("{% block content %}", "{% block content %}" + contestant.mistake, 1)
    before = len(client.diagnostics.get(page, []))
    taken = []
    for _ in range(max(3, rounds // 4)):
        start = time.perf_counter()
        client.write(page, bad)
        if not _heard(client, lambda: len(client.diagnostics.get(page, [])) > before):
            break
        taken.append((time.perf_counter() - start) * 1000)
        client.write(page, good)
        _heard(client, lambda: len(client.diagnostics.get(page, [])) == before)
    figures["a mistake, until it is shown"] = shown(taken)

    place = {"textDocument": {"uri": page}, "position": client.position(page, "base.html")}
    for name in ("definition", "hover", "completion", "references"):
        more = {"context": {"includeDeclaration": True}} if name == "references" else {}
        figures[f"{name} at the parent's name"] = asked(
            client, f"textDocument/{name}", {**place, **more}, rounds
        )
    status = Path(f"/proc/{client.process.pid}/status").read_text()
    memory = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    figures["memory, MB"] = f"{memory:.0f}"
    client.answer(client.ask("shutdown", None))
    client.notify("exit", None)
    client.settle(0.2)
    client.process.kill()  # jinja-lsp 0.4 waits for ever after `exit`
    client.end()
    return figures


def asked(client: Client, method: str, params: dict[str, Any], rounds: int) -> str:
    """Return the median time of a request, or that nothing is answered."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = client.answer(client.ask(method, params))
        taken.append((time.perf_counter() - start) * 1000)
        if not answer.get("result"):
            return "no answer"
    return shown(taken)


def _heard(client: Client, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        client.settle(0.001)
    return True


def shown(taken: list[float]) -> str:
    """Return the median as it is printed."""
    return f"{statistics.median(taken):.1f}" if taken else "not shown"


def write_project(directory: Path) -> Path:
    """Make a new project of mtvgen's; a correct one."""
    root = directory / "mysite"
    command = [sys.executable, "-m", "mtvgen", "startproject", "mysite", str(root)]
    subprocess.run(command, check=True, capture_output=True)
    return root


def write_django(directory: Path) -> Path:
    """Make a new project of Django's, with a page that extends another."""
    root = directory / "mysite"
    root.mkdir()
    command = [sys.executable, "-m", "django", "startproject", "mysite", str(root)]
    subprocess.run(command, check=True, capture_output=True)
    settings = root / "mysite/settings.py"
    text = settings.read_text().replace("'DIRS': []", "'DIRS': [BASE_DIR / 'templates']")
    settings.write_text(text)
    templates = root / "templates"
    templates.mkdir()
    (templates / "base.html").write_text("<main>{% block content %}{% endblock %}</main>\n")
    page = '{% extends "base.html" %}\n{% block content %}\n<h1>{{ title }}</h1>\n{% endblock %}\n'
    (templates / "page.html").write_text(page)
    return root


if __name__ == "__main__":
    main()
