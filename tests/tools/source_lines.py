"""Keep references to source on the line of what they name: `mtvgen/runtime/x.py:7` (`Router.find`).

    python tests/tools/source_lines.py docs/            list the references that are wrong
    python tests/tools/source_lines.py --write docs/    put their numbers right

A file outside mtvgen/ is one of the project that `mtvgen startproject` makes. The name in brackets
is that of a definition (a method's with its class), or else words of the line.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "project_template" / "{{cookiecutter.project_name}}"

REFERENCE = re.compile(r"`(?P<file>[\w./-]+):(?P<line>\d+)` ?[(（]`(?P<name>[^`\n]+)`")


def corrected(text: str) -> tuple[str, list[str]]:
    """A page with the right numbers, and what was wrong with it, a line for each reference."""
    wrong = []

    def put_right(reference: re.Match[str]) -> str:
        file, name = reference["file"], reference["name"]
        line = line_of(source_of(file), name)
        if line is None:
            wrong.append(f"{file}:{reference['line']}: there is no {name}")
        elif line != int(reference["line"]):
            wrong.append(f"{file}:{reference['line']}: {name} is in line {line}")
            return reference[0].replace(f"{file}:{reference['line']}", f"{file}:{line}")
        return reference[0]

    return REFERENCE.sub(put_right, text), wrong


def source_of(file: str) -> Path:
    """The file that a reference names."""
    return (ROOT if file.startswith("mtvgen/") else PROJECT) / file


def line_of(source: Path, name: str) -> int | None:
    """Where a definition stands in a file, or the first line that holds the words."""
    if not source.is_file():
        return None
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".py":
        for defined, line in _definitions(ast.parse(text).body):
            if defined == name:
                return line
    numbered = enumerate(text.splitlines(), 1)
    return next((number for number, line in numbered if name in line), None)


def _definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, int]]:
    """The names that a module or a class defines, each with its line."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name):
                yield prefix + name, statement.lineno
            case ast.ClassDef(name=name, body=inside):
                yield prefix + name, statement.lineno
                yield from _definitions(inside, f"{prefix}{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name, statement.lineno


def pages(places: list[Path]) -> list[Path]:
    """The pages in files and directories."""
    found = [page for place in places for page in [place, *place.rglob("*.md")]]
    return sorted(page for page in found if page.is_file())


def main(arguments: list[str]) -> int:
    """List what is wrong, and with --write put it right; the exit code."""
    write = "--write" in arguments
    found = 0
    for page in pages([Path(argument) for argument in arguments if argument != "--write"]):
        text, wrong = corrected(page.read_text(encoding="utf-8"))
        for problem in wrong:
            print(f"{page}: {problem}")
        found += len(wrong)
        if write and wrong:
            page.write_text(text, encoding="utf-8")
    return 1 if found and not write else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
