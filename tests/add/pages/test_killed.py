"""A run that was killed between two files: the project runs, and the same command finishes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from mtvgen.add.addition import plan_addition
from mtvgen.add.moving import move_in
from mtvgen.add.pages.addition import pages_addition
from mtvgen.add.pages.generated import generated_pages
from tests.add.pages.shop import make_shop
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ, reason="takes a minute: set MTVGEN_FULL=1"
)
OPEN = """
from mtvgen.runtime.testing import Client
from wsgi import application

print(Client(application).get("/books").status_code)
"""


def planned(root, name):
    addition = pages_addition(root, generated_pages(root, name, None, None))
    return plan_addition(root, addition).moves


def test_a_run_that_was_killed_is_finished_by_the_same_command(tmp_path):
    shop = make_shop(tmp_path / "shop")
    move_in(shop, planned(shop, "Book"))
    run(shop, "-m", "mtvgen", "migrate")
    moves = planned(shop, "Author")
    edited = [move.file for move in moves if move.before is not None]
    assert edited == ["urls.py", "templates/books/index.html", "templates/books/detail.html"]
    whole = tmp_path / "whole" / "shop"
    shutil.copytree(shop, whole)
    move_in(whole, moves)

    # No new file, some, all; then after each that is edited.
    for count in (0, 2, *range(len(moves) - len(edited), len(moves) + 1)):
        killed = tmp_path / str(count) / "shop"
        shutil.copytree(shop, killed)
        move_in(killed, moves[:count])

        assert run(killed, "-c", OPEN) == "200\n"
        if count > len(moves) - len(edited):
            assert run(killed, "-m", "mtvgen", "check").endswith("no problems.\n")
        move_in(killed, planned(killed, "Author"))
        assert texts(killed) == texts(whole)


def run(root, *arguments):
    done = subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True)
    return done.stdout


def texts(root):
    """All that somebody has written: no database, and no compiled Python."""
    return {name: kept for name, kept in tree(root).items() if not re.search("sqlite3|pyc", name)}
