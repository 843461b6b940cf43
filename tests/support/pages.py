"""Run the examples of one page of documentation: `python tests/support/pages.py docs/routing.md`.

What a fence means:

    ```python                           run, with the page's other examples, in one namespace
    ```python title="views/notes.py"    written as that file of the page's project (any language)
    ```python title="steps/1_raw.py"    where that file exists beside the page: quoted from it,
                                        whole or in lines that follow each other
    ```console                          lines that begin with "$ " are run in the project; what
                                        follows is what they print, "..." for anything
    ```sh, ```text ...                  left alone

A page that writes files or has a console gets a project made by `mtvgen startproject`, unless it
goes into one of its own: `$ cd DIRECTORY` lasts until the next one.
It works in the current directory, which should be empty.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from textwrap import dedent

# A fence may stand inside a list, where it is indented.
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=ticks)$",
    re.M | re.S,
)
_TITLE = re.compile(r'title="([^"]+)"')
DOCS = Path(__file__).resolve().parents[2] / "docs"
_TRANSLATIONS = ("zh",)  # directories of DOCS; a page there quotes the files of the English one
# The way in is there in both languages: the English page, the Chinese page.
TRANSLATED = {
    DOCS.parent / "README.md": DOCS.parent / "README.zh-CN.md",
    **{
        page: DOCS / "zh" / page.relative_to(DOCS)
        for page in [DOCS / "quickstart.md", *sorted((DOCS / "tutorial").glob("*.md"))]
    },
}


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
        body = re.sub(rf"^{fence['indent']}", "", fence["text"], flags=re.M)
        found.append(Example(line, language, title and title[1], body))
    return found


def without_fences(text: str) -> str:
    """A page's words, each line in its place."""
    return _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)


def kept_file(page: Path, title: str) -> Path | None:
    """The file beside a page, or beside the page that it translates, that a title names."""
    places = [page.parent]
    for language in _TRANSLATIONS:
        if page.is_relative_to(DOCS / language):
            places.append(DOCS / page.relative_to(DOCS / language).parent)
    return next((place / title for place in places if (place / title).is_file()), None)


def is_quoted(excerpt: str, whole: str) -> bool:
    """Whether a text is lines of another that follow each other, whatever their indentation."""
    wanted = dedent(excerpt).strip("\n").splitlines()
    lines = whole.splitlines()
    return any(
        dedent("\n".join(lines[start : start + len(wanted)])).splitlines() == wanted
        for start in range(len(lines) - len(wanted) + 1)
    )


def run(page: Path) -> None:
    """Run every example of a page; an AssertionError or any other tells the page's line."""
    steps = examples(page)
    if needs_project(page, steps):
        subprocess.run(["mtvgen", "startproject", "mysite"], check=True, capture_output=True)
        os.chdir("mysite")
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # a string is what sys.path wants
    namespace: dict[str, object] = {"__name__": "__main__"}
    for step in steps:
        where = f"{page.name}:{step.line}"
        if step.title:
            _provide(where, page, step.title, step.text)
        elif step.language == "python":
            # As many empty lines above as in the page, so that a traceback names its lines.
            source = "\n" * step.line + step.text
            exec(compile(source, str(page), "exec", dont_inherit=True), namespace)
        elif step.language == "console":
            _run_console(where, step.text)


def needs_project(page: Path, steps: Sequence[Example]) -> bool:
    """Whether a page writes files or types commands, and does not make a project itself."""
    commands = [command for step in steps for command, _ in _commands(step)]
    if any(_is_cd(command) for command in commands):
        return False
    written = [step.title for step in steps if step.title and not kept_file(page, step.title)]
    return bool(written or commands)


def _provide(where: str, page: Path, title: str, text: str) -> None:
    """Write a page's file; one that it quotes is compared, and copied as it is."""
    target = Path(title)
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = kept_file(page, title)
    if kept is None:
        target.write_text(text, encoding="utf-8")
        return
    assert is_quoted(text, kept.read_text(encoding="utf-8")), (
        f"{where}: this is not what stands in {kept.relative_to(DOCS)}"
    )
    copyfile(kept, target)


def _run_console(where: str, text: str) -> None:
    for command, expected in _split(text):
        if _is_cd(command):
            os.chdir(command.removeprefix("cd ").strip())
            sys.path.insert(0, os.getcwd())  # noqa: PTH109  # as above
            continue
        done = subprocess.run(
            command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert _fits(done.stdout, expected), (
            f"{where}: $ {command}\n--- documented\n{expected}\n--- printed\n{done.stdout}"
        )


def _is_cd(command: str) -> bool:
    return re.fullmatch(r"cd [^&|;]+", command) is not None


def _commands(step: Example) -> Iterable[tuple[str, str]]:
    return _split(step.text) if step.language == "console" and not step.title else ()


def _split(console: str) -> list[tuple[str, str]]:
    """Each command of a console with the output that the page shows below it."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.M)
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
