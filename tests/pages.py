"""Run the examples of one page of documentation: `python tests/pages.py docs/routing.md`.

What a fence means:

    ```python                           run, with the page's other examples, in one namespace
    ```python title="views/notes.py"    written as that file of the page's project (any language)
    ```console                          lines that begin with "$ " are run in the project; what
                                        follows is what they print, "..." for anything
    ```sh, ```text ...                  left alone

A page that writes files or has a console gets a project made by `mtvgen startproject`.
It works in the current directory, which should be empty.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<ticks>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)$", re.M | re.S)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Example:
    """One fence: where it stands, what it is, and its text."""

    line: int
    language: str
    title: str | None
    text: str


def examples(page: Path) -> list[Example]:
    """The fences of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        info = fence["info"].strip()
        title = _TITLE.search(info)
        line = text.count("\n", 0, fence.start()) + 1
        language = info.split(" ")[0]
        found.append(Example(line, language, title and title[1], fence["text"]))
    return found


def run(page: Path) -> None:
    """Run every example of a page; an AssertionError or any other tells the page's line."""
    steps = examples(page)
    if any(step.title or step.language == "console" for step in steps):
        subprocess.run(["mtvgen", "startproject", "mysite"], check=True, capture_output=True)
        os.chdir("mysite")
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # a string is what sys.path wants
    namespace: dict[str, object] = {"__name__": "__main__"}
    for step in steps:
        where = f"{page.name}:{step.line}"
        if step.title:
            target = Path(step.title)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(step.text, encoding="utf-8")
        elif step.language == "python":
            # As many empty lines above as in the page, so that a traceback names its lines.
            source = "\n" * step.line + step.text
            exec(compile(source, str(page), "exec", dont_inherit=True), namespace)
        elif step.language == "console":
            _run_console(where, step.text)


def _run_console(where: str, text: str) -> None:
    for command, expected in _commands(text):
        done = subprocess.run(
            command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert _fits(done.stdout, expected), (
            f"{where}: $ {command}\n--- documented\n{expected}\n--- printed\n{done.stdout}"
        )


def _commands(text: str) -> list[tuple[str, str]]:
    """Each command of a console with the output that the page shows below it."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _fits(printed: str, expected: str) -> bool:
    """Whether the output is the documented one.

    `...` stands for anything in its line, and on a line of its own for any lines.
    """
    lines = [
        r"[\s\S]*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + "\n"
        for line in expected.strip().splitlines()
    ]
    said = printed.strip()
    return re.fullmatch("".join(lines), said and said + "\n") is not None


if __name__ == "__main__":
    run(Path(sys.argv[1]).resolve())
