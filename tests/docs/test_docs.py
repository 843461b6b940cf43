"""Every example in the README and in docs/ runs, and every link inside them leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click import Context

from mtvgen.cli import mtvgen
from tests.support.forked_commands import ADDRESS, start
from tests.support.pages import TRANSLATED, is_quoted, without_fences
from tests.support.reference import slug

ROOT = Path(__file__).resolve().parents[2]
RUNNER = ROOT / "tests" / "support" / "pages.py"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Those of a translated page are the same word by word, as tests/docs/test_translations.py shows.
RUN = [page for page in PAGES if page not in TRANSLATED.values()]
COMMANDS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def page_commands():
    """Serves the commands of all pages; what warns in one of them is an error."""
    address = start({**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"})
    return {ADDRESS: address}


@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page, tmp_path, page_commands):
    environ = {
        **page_commands,
        "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTEST_DEBUG_TEMPROOT": str(tmp_path),  # no page cleans up behind another's pytest
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # those of our own tests, which no project has
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "error",
        "LANG": "C.UTF-8",
    }
    place = tmp_path / "page"
    place.mkdir()
    done = subprocess.run(
        [sys.executable, RUNNER, page], cwd=place, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_pasted_as_they_are_and_files_are_named_in_the_text(page):
    """A prompt would be pasted too, and code hosts do not show what is behind the language."""
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^ *(?:```console|```\w+ .+|\$ .*)$", text, re.M) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_to_files_and_headings(page):
    for target, anchor in links(page):
        assert target.exists(), f"{page.name} links to {target}, which is not there"
        if anchor and target.suffix == ".md":
            found = anchors(target.read_text("utf-8"))
            assert found[anchor] == 1, (
                f"{page.name} links to #{anchor}, which {target.name} has {found[anchor]} times "
                f"among {', '.join(found)}"
            )


def test_every_page_can_be_reached_from_the_index():
    waiting, reached = [ROOT / "docs" / "index.md"], set()
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [target for target, _ in links(page) if target in PAGES]

    assert sorted({*(ROOT / "docs").rglob("*.md")} - reached) == []


def test_the_index_has_a_line_for_every_command():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[`mtvgen (\w+)`\]", index, re.M)

    assert sorted(listed) == sorted(mtvgen.list_commands(Context(mtvgen)))


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("See them all", "see-them-all"),
        ("Hosts: `allowed_hosts()`", "hosts-allowed_hosts"),
        ("`mtvgen check [--deploy]`", "mtvgen-check---deploy"),
        ("[Routing](routing.md), and how", "routing-and-how"),
        ("第一步：裸套接字", "第一步裸套接字"),
        ("A name -- and its cost", "a-name----and-its-cost"),
    ],
)
def test_a_heading_has_the_anchor_that_github_and_the_site_give_it(heading, anchor):
    assert slug(heading) == anchor


def test_a_heading_inside_an_example_is_none():
    assert list(anchors("# One\n```python\n# Two\n```\n## One\n\n  # Three\n")) == ["one"]


@pytest.mark.parametrize(
    ("excerpt", "is_part"),
    [
        ("def f():\n    return 1\n", True),
        ("return 1\n", True),
        ("def f():\n    return 2\n", False),
        ("import os\n\ndef f():\n", False),
    ],
)
def test_what_a_page_quotes_is_lines_of_the_file_that_follow_each_other(excerpt, is_part):
    assert is_quoted(excerpt, "import os\n\n\ndef f():\n    return 1\n") is is_part


def links(page):
    """The files that a page links to, each with the anchor in it; the page itself for `#...`."""
    words = re.sub(r"(`+).+?\1", "", without_fences(page.read_text(encoding="utf-8")))
    found = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", words)
    return [
        ((page.parent / target).resolve() if target else page, anchor)
        for target, anchor in found
        if "://" not in target and not target.startswith("mailto:")
    ]


def anchors(text):
    """The anchors of a page's headings, and how many headings each belongs to."""
    return Counter(slug(title) for title in re.findall(r"^#+ (.+)$", without_fences(text), re.M))
