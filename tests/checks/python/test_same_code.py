"""Versions of a Python file that differ in blank lines and comments alone are the same code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pyflakes.checker import Checker

from mtvgen.checks.cache import Cache
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.same_code import are_same_code
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.run import check_project
from tests.checks.seed_project import write_project

SAME = [
    ("a = 1\n", "a = 1\n\n"),
    ("a = 1\nb = 2\n", "\n\na = 1\nb = 2\n"),
    ("a = 1\nb = 2\n", "a = 1\n   \t\n# why\nb = 2\n"),
    ("a = [\n    1,\n    2,\n]\n", "a = [\n\n    1,\n    # two\n    2,\n\n]\n"),
    ("def f():\n    return 1\n", "def f():\n# here\n    return 1\n"),
    ("# one\na = 1\n# two\n\nb = 2\n", "a = 1\n# other\nb = 2\n# three\n"),
    ('a = """x\n\ny"""\nb = 1\n', 'a = """x\n\ny"""\n\nb = 1\n'),
    ("a = 1\r\nb = 2\r\n", "a = 1\r\n\r\nb = 2\r\n"),
    ("", "\n# nothing\n"),
]
OTHER = [
    ("a = 1\n", "a = 2\n"),
    ("a = 1\nb = 2\n", "b = 2\na = 1\n"),
    ("a = 1\nb = 2\n", "a = 1\n"),
    ('a = """x\ny"""\n', 'a = """x\n\ny"""\n'),
    ('a = """x\n# y\nz"""\n', 'a = """x\nz"""\n'),
    ('a = f"""x\n{1}"""\n', 'a = f"""x\n\n{1}"""\n'),
    ("a = 'x\\\n# y\\\nz'\n", "a = 'x\\\nz'\n"),
    ("a = 1 \\\n\n+2\n", "a = 1 \\\n+2\n"),
    ("# coding: latin-1\na = '\xe9'\n", "a = '\xe9'\n"),
    ("if a:\n    b = 1\n    c = 2\n", "if a:\n    b = 1\n\nc = 2\n"),
]


@pytest.mark.parametrize(("old", "new"), SAME + [(new, old) for old, new in SAME])
def test_blank_lines_and_comments_leave_the_code_what_it_is(old, new):
    assert _are_same(old, new)
    assert ast.dump(ast.parse(old)) == ast.dump(ast.parse(new))


@pytest.mark.parametrize(("old", "new"), OTHER + [(new, old) for old, new in OTHER])
def test_all_else_makes_it_other_code(old, new):
    assert not _are_same(old, new)


def _are_same(old: str, new: str) -> bool:
    return are_same_code(old.encode(), ast.parse(old), new.encode(), ast.parse(new))


def test_what_is_read_off_the_code_is_read_again_when_the_code_changes(tmp_path):
    path = tmp_path / "urls.py"
    sources, asked = Sources(tmp_path, ProjectFiles()), []

    def names_in(module):
        asked.append(module.source)
        return [node.id for node in module.all(ast.Name)]

    for text in ("a = 1\n", "\na = 1\n", "# a\na = 1\n", "a = 1\nc = 2\n", "a = 1\n\nc = 2\n"):
        path.write_text(text)
        sources.refresh()
        (module,) = sources.modules.values()
        assert module.of_code(names_in) == [name for name in "ac" if f"{name} =" in text]
    assert asked == [b"a = 1\n", b"a = 1\nc = 2\n"]


def test_a_comment_in_urls_py_has_no_name_looked_up_again(tmp_path: Path, monkeypatch):
    write_project(tmp_path)
    cache, looked_up = Cache(), []
    make = Checker.__init__
    check_project(tmp_path, cache)
    monkeypatch.setattr(
        Checker, "__init__", lambda *args, **more: looked_up.append(more) or make(*args, **more)
    )
    urls = tmp_path / "urls.py"
    urls.write_text(f"# The addresses.\n\n{urls.read_text()}\n")
    kept, looked_up_again = check_project(tmp_path, cache), [*looked_up]
    assert kept == check_project(tmp_path)
    assert looked_up_again == []
    assert looked_up
