"""Lines for a terminal: colours, and where they are broken."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from mtvgen.errors import width
from mtvgen.styled_text import Part, laid_out
from tests.support.live_site import environment, make_project
from tests.support.terminals import on_a_terminal

PARTS = [
    Part("views/notes.py:12:5:", "place"),
    Part("template 'notes/detial.html' not found."),
    Part("Did you mean 'notes/detail.html'?", "cure"),
    Part("[views.template-not-found]"),
]


def test_a_long_line_is_broken_between_words_with_a_hanging_indent():
    assert laid_out(PARTS, 60, colours=False) == (
        "views/notes.py:12:5: template 'notes/detial.html' not found.\n"
        "    Did you mean 'notes/detail.html'?\n"
        "    [views.template-not-found]"
    )


def test_a_line_that_fits_is_one_line():
    assert "\n" not in laid_out(PARTS, 200, colours=False)


def test_a_word_that_is_longer_than_the_line_is_not_broken():
    assert laid_out([Part("a" * 100), Part("b")], 80, colours=False) == f"{'a' * 100}\n    b"


def test_a_chinese_character_takes_two_columns():
    lines = laid_out([Part("页面 " * 30)], 80, colours=False).splitlines()
    assert max(width(line) for line in lines) <= 80
    assert len(lines) == 2


def test_colours_take_no_columns():
    coloured = laid_out(PARTS, 60, colours=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == laid_out(PARTS, 60, colours=False)
    assert "\x1b[36mviews/notes.py:12:5:\x1b[0m" in coloured
    assert "\x1b[32mDid\x1b[0m" in coloured


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_project(tmp_path_factory.mktemp("checked"))
    view = made / "views" / "notes.py"
    text = view.read_text(encoding="utf-8")
    view.write_text(text.replace('"notes/detail.html"', '"notes/detial.html"'), encoding="utf-8")
    return made


def test_check_fits_the_terminal_and_is_whole_in_a_pipe(project: Path) -> None:
    plain = on_a_terminal(project, "mtvgen", "check", columns=80, NO_COLOR="1")
    assert "\x1b" not in plain
    assert max(width(line) for line in plain.splitlines()) <= 80
    assert "\n    " in plain
    wide = on_a_terminal(project, "mtvgen", "check", columns=200, NO_COLOR="1")
    piped = subprocess.run(
        ["mtvgen", "check"],
        cwd=project,
        env=environment(project.parent),
        capture_output=True,
        text=True,
    ).stdout
    assert piped == wide == plain.replace("\n    ", " ")


def test_check_shows_place_and_cure_in_colour(project: Path) -> None:
    said = on_a_terminal(project, "mtvgen", "check", columns=200)
    assert re.search(r"\x1b\[36mviews/notes\.py:\d+:\d+:\x1b\[0m", said)
    assert "\x1b[32mmean\x1b[0m" in said


def test_an_error_is_in_colour_on_a_terminal_only(project: Path) -> None:
    said = on_a_terminal(project.parent, "mtvgen", "check", columns=200)
    assert said.startswith("\x1b[31mError:\x1b[0m no project here")
    assert "\x1b[32mcd into a project" in said
    assert "\x1b" not in on_a_terminal(project.parent, "mtvgen", "check", columns=200, NO_COLOR="1")
