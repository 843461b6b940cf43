"""The Chinese pages keep up with the English ones: the same headings, code, and tables."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support.pages import DOCS, TRANSLATED, examples, without_fences

ROOT = DOCS.parent

both = pytest.mark.parametrize(
    ("english", "chinese"),
    TRANSLATED.items(),
    ids=[str(page.relative_to(ROOT)) for page in TRANSLATED],
)


def test_every_chinese_page_translates_an_english_one():
    index = DOCS / "zh" / "index.md"  # a table of contents of its own
    assert {*(DOCS / "zh").rglob("*.md")} <= {*TRANSLATED.values(), index}
    assert examples(index) == []


@pytest.mark.parametrize("section", ["Get started", "Tutorial", "Guide", "How to"])
def test_the_pages_that_people_start_with_and_work_with_are_in_chinese_too(section):
    """All but the reference, which lists names."""
    nav = tomllib.loads((ROOT / ".zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    pages = next(entry[section] for entry in nav if isinstance(entry, dict) and section in entry)
    wanted = {DOCS / page for page in pages} - {DOCS / "reference.md"}
    assert wanted <= TRANSLATED.keys()


@both
def test_the_headings_are_as_many_and_on_the_same_levels(english, chinese):
    assert levels(chinese) == levels(english)


@both
def test_the_code_is_the_same(english, chinese):
    """Word by word; only a diagram, a `text` that no command has printed, is translated too."""
    assert code(chinese) == code(english)


@both
def test_the_tables_have_the_same_rows(english, chinese):
    assert rows(chinese) == rows(english)


@both
def test_each_page_links_to_the_other_at_its_top(english, chinese):
    for page, other in [(english, chinese), (chinese, english)]:
        link = re.search(r"^\[(?:English|中文)\]\(([^)]+)\)$", _top(page), re.M)
        assert link, f"{page.name} has no link to its other language"
        assert (page.parent / link[1]).resolve() == other


@both
def test_the_links_lead_to_the_same_pages_in_the_readers_language(english, chinese):
    lead_to = [_translated(target) for target in targets(english)]
    assert sorted(targets(chinese)) == sorted(lead_to)


def _translated(target):
    """The Chinese page or picture for an English one, if there is one."""
    picture = DOCS / "zh" / "pictures" / target.name
    return picture if picture.is_file() else TRANSLATED.get(target, target)


def levels(page):
    """How deep each heading of a page stands."""
    return [len(marks) for marks in re.findall(r"^(#+) ", _words(page), re.M)]


def code(page):
    """Each example of a page; of a diagram, only that there is one."""
    fences = examples(page)
    printed = {each.output for each in fences}
    return [
        (each.language, each.file, "" if is_diagram(each, printed) else each.text)
        for each in fences
    ]


def is_diagram(example, printed):
    return example.language == "text" and example.text not in printed


def rows(page):
    """The numbers and the code of each row; a sentence may name them in another order."""
    lines = re.findall(r"^\|.*\|$", _words(page), re.M)
    return [sorted(re.findall(r"`[^`]+`|\d[\d.,]* (?:µs|ms)", line)) for line in lines]


def targets(page):
    """The files that a page links to, the one in the other language left out."""
    text = re.sub(r"^\[(?:English|中文)\].*$", "", _words(page), flags=re.M)
    found = re.findall(r"\]\(([^)#]+)", text)
    return [(page.parent / target).resolve() for target in found if "://" not in target]


def _top(page):
    return page.read_text(encoding="utf-8")[:200]


def _words(page):
    return without_fences(page.read_text(encoding="utf-8"))
