"""Hints as data: a mistake, what is said of it, and the cure; and every hint that the tree has."""

from __future__ import annotations

import ast
import importlib
import logging
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtvgen import runtime
from mtvgen.devserver.pages.error_report import make_report
from mtvgen.devserver.pages.error_text import as_text
from mtvgen.project.masking import Masker
from mtvgen.project.tracebacks import sentence
from mtvgen.runtime import Application, Templates, path, render
from mtvgen.runtime.models import Database
from mtvgen.runtime.testing import Client

PACKAGE = Path(__file__).resolve().parents[2] / "mtvgen"

# What tells a sentence of advice from other texts: an arrow and what to type, a question.
_ADVICE = re.compile(r"->|\bDid you mean\b|\b[Ww]rite \S|\b[Ii]s (?:it|the|a|its)\b.*\?")

_VALUE = re.compile(r"(?<!\{)\{\w*\}(?!\})|%[rs]")  # a value's place, however it is written


@dataclass(frozen=True)
class Slip:
    """A program with a mistake, words of its error, and the program with the cure.

    Both run in a directory with `templates/` and `static/style.css`, with everything that
    `mtvgen.runtime` offers and the functions of `Bench`.
    """

    wrong: str
    says: str
    right: str

    def __str__(self) -> str:
        return self.wrong[:60]


class Bench:
    """What the programs of slips call: applications for a moment, in a directory of their own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "templates").mkdir()
        (directory / "static").mkdir()
        (directory / "static" / "style.css").write_text("")

    def site(self, *routes: Any, **options: Any) -> Client:
        """A client of an application with these routes."""
        directory = self.directory
        defaults = {"templates": Templates(directory / "templates"), "static": directory / "static"}
        return Client(Application(routes, **defaults | options))

    def get(self, view: Callable[..., Any], **options: Any) -> str:
        """What a view answers to a GET."""
        return self.site(path("/", view), **options).get("/").text

    def page(self, source: str, others: dict[str, str] | None = None, **context: Any) -> str:
        """What a template is rendered to; `others` are more of them, by name."""
        for name, text in {"page.html": source, **(others or {})}.items():
            (self.directory / "templates" / name).write_text(text)

        def view(request: Any, id: int = 1) -> Any:
            return render(request, "page.html", **context)

        route = path("/notes/<int:id>", view, name="note")
        return self.site(route, path("/", view, name="home")).get("/").text

    def run(self, program: str) -> None:
        """Run a program of the project, whose modules are those in the directory."""
        with self._own_modules():
            self._run(program)

    def _run(self, program: str) -> None:
        file = self.directory / "urls.py"
        file.write_text(program)
        names = {**vars(runtime), "site": self.site, "get": self.get, "page": self.page}
        names |= {"directory": self.directory, "home": home, "detail": detail, "write": self.write}
        try:
            exec(compile(program, str(file), "exec"), names)
        finally:
            close_databases([*names.values(), *vars(sys.modules.get("models", Bench)).values()])

    @contextmanager
    def _own_modules(self) -> Iterator[None]:
        """Let the modules in the directory be imported, and forget them afterwards."""
        directory, known = str(self.directory), set(sys.modules)
        sys.path.insert(0, directory)
        try:
            yield
        finally:
            sys.path.remove(directory)
            for name in set(sys.modules) - known:
                if str(getattr(sys.modules[name], "__file__", "")).startswith(directory):
                    del sys.modules[name]

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        file = self.directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        importlib.invalidate_caches()

    def words_about(self, program: str) -> str:
        """What the terminal, the error page and the log say about the mistake of a program.

        Raises:
            AssertionError: It has none.
        """
        records: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
        logging.getLogger("mtvgen").addHandler(handler)
        try:
            with self._own_modules():
                try:
                    self._run(program)
                except Exception as error:
                    report = make_report(error, self.directory, Masker())
                    records += [sentence(error), as_text(report)]
        finally:
            logging.getLogger("mtvgen").removeHandler(handler)
        assert records, f"there is no mistake in it: {program}"
        return "\n".join(records)


def close_databases(values: Iterable[object]) -> None:
    """Close what a program has opened and left: from Python 3.13 on, that is a warning."""
    for value in values:
        if isinstance(value, Database | sqlite3.Connection):
            value.close()


def home(request: Any) -> str:
    """A view without a parameter."""
    return "home"


def detail(request: Any, id: Any) -> str:
    """A view with one."""
    return str(id)


@dataclass(frozen=True)
class Hint:
    """A text of the tree that advises something.

    Attributes:
        place: `runtime/static.py:93`.
        text: As it is written, `{}` for each value in it.
    """

    place: str
    text: str

    def is_in(self, words: str) -> bool:
        """Whether a message has this hint: its fixed parts, in their order."""
        place = 0
        for part in _VALUE.split(self.text):
            place = words.find(part.strip(), place)
            if place < 0:
                return False
            place += len(part.strip())
        return True


def hints_of(file: Path, is_hint: Callable[[str], object] = _ADVICE.search) -> Iterator[Hint]:
    """The hints that a file writes, by its syntax tree; docstrings and patterns are none."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    left_out = set(_left_out(tree))
    for node in ast.walk(tree):
        text = None if id(node) in left_out else _text_of(node)
        if text is not None and is_hint(text):
            line = getattr(node, "lineno", 0)
            yield Hint(f"{file.relative_to(PACKAGE).as_posix()}:{line}", text)


def _left_out(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield id(node.value)  # a docstring
        elif isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in ast.walk(node) if part is not node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            yield from (id(part) for argument in node.args for part in ast.walk(argument))


def _text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
