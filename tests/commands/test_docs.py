"""`mtvgen docs`: the manual in the terminal, without a network and outside any project."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from mtvgen.manual import Manual
from tests.support.live_site import environment

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def docs(tmp_path):
    """Type `mtvgen docs ...` in an empty directory."""

    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["mtvgen", "docs", *words],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
        )

    return typed


def test_without_a_word_every_page_of_the_index_is_listed(docs):
    said = docs().stdout

    for page in Manual().pages:
        if not page.startswith("zh/") and page not in {"index", "tutorial/index"}:
            in_step = page.startswith("tutorial/")  # the tutorial's first page lists them
            assert in_step or f"  {page} " in said, page


@pytest.mark.parametrize("word", ["howto/login", "login", "howto/login.md", " Login"])
def test_the_name_of_a_page_prints_the_page(docs, word):
    whole = (DOCS / "howto" / "login.md").read_text(encoding="utf-8")

    assert docs(word).stdout == f"{whole.strip()}\n\n(howto/login)\n"


@pytest.mark.parametrize(
    ("word", "heading"),
    [
        ("get_or_404", "### `get_or_404()`"),
        ("same_origin()", "## Other sites: `same_origin()`"),
        ("URL_FOR", "## "),
    ],
)
def test_a_name_prints_the_section_about_it(docs, word, heading):
    assert docs(word).stdout.startswith(heading)


def test_several_words_are_one_question(docs):
    assert docs("moments", "in", "time").stdout.startswith("### Moments in time")


def test_a_word_that_no_heading_has_is_looked_for_in_the_text(docs):
    said = docs("RouteConflictError").stdout

    assert said.startswith("## Mistakes")
    assert "\n(routing)\n" in said
    assert "\nSee also:\n  reference: " in said


def test_a_heading_in_an_example_is_not_one(tmp_path):
    (tmp_path / "index.md").write_text("# One\n\n```sh\n# word\n```\n\n## Two\n\nA word.\n")

    assert [part.title for part in Manual(tmp_path).find("word")] == ["One", "Two"]


def test_a_word_that_is_nowhere_is_an_error_with_what_comes_close(docs):
    done = docs("tempaltes")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "Error: The manual has nothing about 'tempaltes'. Did you mean 'templates'"
    )
    assert done.stderr.endswith("-> mtvgen docs\n")


def test_on_a_terminal_it_goes_through_the_pager(tmp_path):
    master, slave = pty.openpty()
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {tmp_path}/paged\n")
    pager.chmod(0o755)
    subprocess.run(
        ["mtvgen", "docs", "routing"],
        env=environment(tmp_path) | {"PAGER": str(pager), "TERM": "xterm"},
        stdin=slave,
        stdout=slave,
        check=True,
    )
    os.close(slave)
    os.close(master)

    assert (tmp_path / "paged").read_text().startswith("# Routing\n")
