"""For every mistake that is seeded, the server shows what `mtvgen check` says: file, line and id.

    MTVGEN_FULL=1 pytest tests/lsp/test_parity.py

makes all of them; without it, a fixed part is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from mtvgen.checks.ids import MODELS, URLS
from tests.checks.checker import Checker
from tests.checks.seed_project import FILES, write_project
from tests.checks.seeded_site import read_mistakes, read_site, write_site
from tests.checks.seeds import SEEDS
from tests.support.language_client import Client

STEP = 1 if os.environ.get("MTVGEN_FULL") else 40
# What only the running project shows; it comes when the file is saved.
OF_THE_IMPORT = (URLS | MODELS) | {
    "views.not-callable",
    "views.async",
    "views.parameter-request",
    "views.parameter-missing",
    "views.parameter-extra",
    "views.parameter-type",
    "project.import-error",
    "project.no-application",
    "project.settings",
    "project.shadowed-module",
}


class Edit(NamedTuple):
    """A file, and its text with a mistake."""

    file: str
    text: str


class Site(NamedTuple):
    """One site twice: for the check, which reads the disk, and for the server."""

    checked: Path
    client: Client
    files: dict[str, str]


def seeded() -> list[Edit]:
    edits = [
        Edit(seed.file, FILES[seed.file].replace(seed.old, seed.new, 1) if seed.old else seed.new)
        for seed in SEEDS
    ]
    # An editor holds text, and not the bytes of a file that is none.
    return [edit for edit in edits if is_text(edit.text)][::STEP]


def is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def of_the_library() -> list[Edit]:
    site = read_site()
    mistakes = [mistake for mistake in read_mistakes() if mistake.is_found]
    return [Edit(one.file, one.edited(site[one.file])) for one in mistakes][:: STEP * 2]


def two_sites(directory: Path, write: Callable[[Path], None], files: dict[str, str]) -> Site:
    checked, served = directory / "checked", directory / "served"
    for root in (checked, served):
        root.mkdir()
        write(root)
    client = Client(served)
    client.start()
    return Site(checked, client, files)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = two_sites(tmp_path_factory.mktemp("small").resolve(), write_project, FILES)
    yield site
    assert site.client.stop() == 0


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = two_sites(tmp_path_factory.mktemp("library").resolve(), write_site, read_site())
    yield site
    assert site.client.stop() == 0


def lines(found: list[tuple[str, int, str]]) -> list[str]:
    return sorted({f"{file}:{line} {kind}" for file, line, kind in found})


def shown(client: Client) -> list[str]:
    return lines(
        [
            (file.rpartition(":")[0].rpartition(":")[0], int(file.split(":")[1]) + 1, kind)
            for file, kind in (line.split(" ") for line in client.problems())
        ]
    )


def same(client: Client, expected: list[str], problems: list[str]) -> bool:
    return shown(client) == expected


def compare(site: Site, checker: Checker, edits: list[Edit], *, saved: bool) -> list[str]:
    """The edits for which the server shows anything else than the check says."""
    differing = []
    for edit in sorted(edits, key=lambda edit: (edit.file.endswith(".py"), edit.file)):
        path = site.checked / edit.file
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(edit.text, "utf-8")
        problems = checker.check(site.checked).problems
        before = site.files.get(edit.file)
        path.write_text(before or "", "utf-8")
        if before is None:
            path.unlink()
        waits = any(problem.id in OF_THE_IMPORT for problem in problems)
        if waits is not saved:
            continue
        expected = lines([(one.file, one.line, one.id) for one in problems])
        served = site.client.directory / edit.file
        if saved:
            served.write_text(edit.text, "utf-8")
        uri = site.client.open(served, edit.text)
        if saved:
            site.client.save(uri)
        client = site.client
        is_shown = partial(same, client, expected)
        try:
            client.wait_until(is_shown, str(expected))
        except AssertionError as error:
            differing.append(f"{edit.file}: {error}")
        served.write_text(before or "", "utf-8")
        if before is None:
            served.unlink()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]})
        client.close_document(uri)
    return differing


@pytest.mark.parametrize("saved", [False, True], ids=["unsaved", "saved"])
def test_the_server_shows_what_the_check_says(small, checker, saved):
    edits = seeded()
    assert compare(small, checker, edits, saved=saved) == []


@pytest.mark.parametrize("saved", [False, True], ids=["unsaved", "saved"])
def test_the_server_shows_what_the_check_says_of_a_larger_site(library, checker, saved):
    assert compare(library, checker, of_the_library(), saved=saved) == []
