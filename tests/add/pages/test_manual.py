"""The page about pages, with its commands: too long for each run of the manual's examples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.live_site import environment

ROOT = Path(__file__).parents[3]


@pytest.mark.skipif("MTVGEN_FULL" not in os.environ, reason="a minute: MTVGEN_FULL=1")
def test_the_page_says_what_the_commands_say(tmp_path):
    page = tmp_path / "pages.md"
    text = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    # All but what is typed on a site with accounts.
    text, count = re.subn(r"<!-- not run -->\n(?=```(sh\nmtvgen|text\n))", "", text)
    assert count >= 10
    page.write_text(text, encoding="utf-8")
    directory = tmp_path / "work"
    directory.mkdir()

    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "support" / "pages.py"), str(page)],
        cwd=directory,
        env=environment(directory),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
