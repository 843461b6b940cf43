"""Run the examples of one page of documentation: `python tests/support/pages.py docs/routing.md`.

What a fence means:

    `views/notes.py`    a paragraph of a file's name and nothing else, above a fence of any
                        language: written as that file of the page's project; where such a file
                        exists next to the page, compared with it, whole or in lines that follow
                        each other
    ```python           run, with the page's other examples, in one namespace
    ```sh               typed in the project; below <!-- not run --> it is left alone
    ```text             right below such a one: what it prints, "..." for anything
    anything else       left alone

A page that writes files or types commands gets a project made by `mtvgen startproject`, unless it
goes into one of its own: the line `cd DIRECTORY` lasts until the next one.
It works in the current directory, which should be empty.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from shutil import copyfile
from textwrap import dedent

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.support.forked_commands import mtvgen

# A fence may stand inside a list, where it is indented.
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=ticks)$",
    re.M | re.S,
)
# What is above a fence and means something to it, with one empty line between.
_FILE_NAME = re.compile(r"(?:^|\n) *`([^`\n]+)`\n\n\Z")
_NOT_RUN = re.compile(r"(?:^|\n) *<!-- not run -->\n\Z")
DOCS = Path(__file__).resolve().parents[2] / "docs"
_TRANSLATIONS = ("zh",)  # directories of DOCS; a page there quotes the files of the English one
# What is there in both languages: the English page, the Chinese page. The index has its own.
TRANSLATED = {
    DOCS.parent / "README.md": DOCS.parent / "README.zh-CN.md",
    **{
        DOCS / page.relative_to(DOCS / "zh"): page
        for page in sorted((DOCS / "zh").rglob("*.md"))
        if page != DOCS / "zh" / "index.md"
    },
}


@dataclass(frozen=True)
class Example:
    """One fence: its line, its language, the file that it is, and its text.

    Of commands also what they print, and whether they are run.
    """

    line: int
    language: str
    file: str | None
    text: str
    output: str = ""
    is_typed: bool = False


def examples(page: Path) -> list[Example]:
    """The fences of a page, in order."""
    text = page.read_text(encoding="utf-8")
    fences = list(_FENCE.finditer(text))
    return [
        _example(text, fence, following) for fence, following in zip_longest(fences, fences[1:])
    ]


def _example(page: str, fence: re.Match[str], following: re.Match[str] | None) -> Example:
    above = page[: fence.start()]
    language = fence["info"].strip()
    file = _FILE_NAME.search(above)
    is_typed = language == "sh" and not file and not _NOT_RUN.search(above)
    output = ""
    if language == "sh" and following and not page[fence.end() : following.start()].strip():
        output = _body(following) if following["info"].strip() == "text" else ""
    line = above.count("\n") + 1
    return Example(line, language, file and file[1], _body(fence), output, is_typed)


def _body(fence: re.Match[str]) -> str:
    return re.sub(rf"^{fence['indent']}", "", fence["text"], flags=re.M)


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
        mtvgen("startproject", "mysite", cwd=Path.cwd(), env=os.environ).check_returncode()
        os.chdir("mysite")
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # a string is what sys.path wants
    namespace: dict[str, object] = {"__name__": "__main__"}
    for step in steps:
        where = f"{page.name}:{step.line}"
        if step.file:
            _provide(where, page, step.file, step.text)
        elif step.language == "python":
            # As many empty lines above as in the page, so that a traceback names its lines.
            source = "\n" * step.line + step.text
            exec(compile(source, str(page), "exec", dont_inherit=True), namespace)
        elif step.is_typed:
            _type(where, step.text, step.output)


def needs_project(page: Path, steps: Sequence[Example]) -> bool:
    """Whether a page writes files or types commands, and does not make a project itself."""
    typed = [step.text for step in steps if step.is_typed]
    if any(_CD.search(commands) for commands in typed):
        return False
    written = [step.file for step in steps if step.file and not kept_file(page, step.file)]
    return bool(written or typed)


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


_CD = re.compile(r"^cd ([^&|;\n]+)\n", re.M)  # on a line of its own


def _type(where: str, commands: str, expected: str) -> None:
    """Run the lines of a block, and compare what they print, all together."""
    printed = ""
    first, *others = _CD.split(commands)
    for directory, lines in [(".", first), *zip(others[::2], others[1::2], strict=True)]:
        os.chdir(directory.strip())
        sys.path.insert(0, os.getcwd())  # noqa: PTH109  # as above
        printed += _printed_by(lines)
    assert _fits(printed, expected), (
        f"{where}: {commands}\n--- documented\n{expected}\n--- printed\n{printed}"
    )


# Signs that a shell reads, but for quotes and comments.
_SHELL = re.compile(r"[\\$`|&;<>(){}*?~!=]")


def _printed_by(lines: str) -> str:
    """Run lines as a shell does; those that are `mtvgen` and words do without one."""
    typed = [shlex.split(line, comments=True) for line in lines.splitlines()]
    words = list(filter(None, typed))
    if _SHELL.search(lines) or {command[0] for command in words} != {"mtvgen"}:
        pipe = subprocess.PIPE
        return subprocess.run(
            lines, shell=True, text=True, stdout=pipe, stderr=subprocess.STDOUT
        ).stdout
    return "".join(
        mtvgen(*command[1:], cwd=Path.cwd(), env=os.environ, stderr=subprocess.STDOUT).stdout
        for command in words
    )


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
    # A page's `tests` are those of its project.
    del sys.path[:2]
    for module in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[module]
    run(Path(sys.argv[1]).resolve())
