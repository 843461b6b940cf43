"""The documents read as written, not as translated: none has a mark of tests/support/words.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.pages import TRANSLATED, without_fences
from tests.support.words import marks

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TEMPLATE = ROOT / "project_template"

PAGES = sorted(
    {ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")}
    - {*(DOCS / "zh").rglob("*.md"), *TRANSLATED.values()}
)
# What a new project brings along is words from end to end: code has none of the marks.
GENERATED = sorted(
    file
    for file in TEMPLATE.rglob("*")
    if file.suffix in {".md", ".html", ".py", ".css", ".toml"} or file.name.startswith(".env")
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_has_no_mark_of_a_translation(page):
    assert found(prose(page)) == []


@pytest.mark.parametrize("file", GENERATED, ids=name)
def test_a_file_of_a_new_project_has_no_mark_of_a_translation(file):
    assert found(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("A lambda is no view.", ["is no"]),
        ("Views that are none are refused.", ["are none"]),
        ("There is no such page, and it is no longer served.", []),
        ("Whether a value is None.", []),
        ("Mend the file's permissions.", ["Mend"]),
        ("The error is shown beside the field.", ["beside"]),
        ("The address stands above its function.", ["stands"]),
        ("`*` stands for any name.", []),
        ("Files that lie there are served; the one that lies here is not.", ["lies"]),
        ("What is found is told.", ["told", "What is found is told."]),
        ("- What is open is left out.", ["- What is open is left out."]),
        ("What is a socket?", []),
        ("[Sessions](sessions.md) tells what it holds.", ["tells what"]),
        ("It tells browsers whom to trust.", []),
        ("Caches can't tell how old the answer is.", []),
        ("Templates are read afresh.", ["afresh"]),
        ("What a visitor wrote belongs into a template.", ["belongs into"]),
        ("Put it into a file below `views/`.", ["below `views/`"]),
        ("Files are served below `/static/`.", []),
        ("It works as long as nobody else writes.", ["as long as"]),
        ("It takes as long as a wrong password.", []),
        ("An answer of 500 is logged.", ["answer of 5"]),
        ("New in `urls.py` are the last line and `notes` in the import.", ["New in `...` are"]),
        ("A message is quoted: `'x' is no int, and stands in the log`.", []),
    ],
)
def test_a_mark_is_found_where_it_is_one(sentence, words):
    assert sorted(found for _, found, _ in marks(sentence)) == sorted(words)


def prose(page: Path) -> str:
    """A page's own words, each line in its place.

    Not the code, whose words are a program's; not the tour of the tree, which the first lines of
    the modules make; and of the changelog what is not released yet.
    """
    text = without_fences(page.read_text(encoding="utf-8"))
    if page.name == "CHANGELOG.md":
        text = text.partition("## [Unreleased]")[2].partition("\n## [")[0]
    return re.sub(
        r"^<!-- (The tour|figures: [\w-]+).*?^<!-- (The end of the tour\.|figures end) -->$",
        lambda part: "\n" * part[0].count("\n"),
        text,
        flags=re.M | re.S,
    )


def found(text: str) -> list[str]:
    """The marks in a text, as lines to read."""
    return [f"line {line}: {words!r}; write: {instead}" for line, words, instead in marks(text)]
