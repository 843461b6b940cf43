"""Every example in the README and in docs/ runs, and every link inside them leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click import Context

from mtvgen.cli import mtvgen

ROOT = Path(__file__).resolve().parent.parent
RUNNER = ROOT / "tests" / "pages.py"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = Path(sys.executable).parent


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page, tmp_path):
    environ = {
        "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
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
def test_the_links_of_a_page_lead_to_files(page):
    for target in _linked(page):
        assert target.exists(), f"{page.name} links to {target}"


def test_every_page_can_be_reached_from_the_index():
    waiting, reached = [ROOT / "docs" / "index.md"], set()
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [target for target in _linked(page) if target in PAGES]

    assert sorted({*(ROOT / "docs").rglob("*.md")} - reached) == []


def test_the_index_has_a_line_for_every_command():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[`mtvgen (\w+)`\]", index, re.M)

    assert sorted(listed) == sorted(mtvgen.list_commands(Context(mtvgen)))


def _linked(page):
    """The files that a page links to, anchors left out."""
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text)
    return [
        (page.parent / target).resolve()
        for target in targets
        if "://" not in target and not target.startswith("mailto:")
    ]
