"""Every mistake is found, at its line, with its cure; and nothing else is reported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mtvgen.checks.report import Problem
from tests.checks.seed_project import write_project
from tests.checks.seeds import SEEDS, Seed


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, which all edits share, as in `mtvgen runserver`."""
    root = tmp_path_factory.mktemp("seeds").resolve()
    write_project(root)
    return root


def test_the_site_without_a_mistake_has_no_problem(root, checker):
    assert checker.check(root).problems == ()


def test_there_are_two_hundred_mistakes_of_forty_kinds():
    assert len(SEEDS) >= 200
    assert len({seed.kind for seed in SEEDS}) >= 40
    assert len({(seed.file, seed.old, seed.new) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.kind}:{seed.file}:{seed.new[:25]}")
def test_a_mistake_is_found_at_its_line_and_nothing_else_is(root, checker, seed):
    path = root / seed.file
    before = path.read_text("utf-8") if path.exists() else None
    edit(path, seed)
    try:
        report = checker.check(root)
        file, line = place_of(root, seed, before)
        with fixed(root, told(report)[0]) as is_fixed:
            after = checker.check(root).problems if is_fixed else ()
    finally:
        undo(path, before)

    assert [f"{p.id} {p.file}:{p.line}" for p in told(report)] == [f"{seed.kind} {file}:{line}"]
    assert seed.meant in str(told(report)[0])
    # The cure goes where the mistake is, and nowhere else.
    assert told(report)[0].message not in [problem.message for problem in after]


@contextmanager
def fixed(root: Path, problem: Problem) -> Iterator[bool]:
    """The file as the problem's own edit leaves it; whether there is one."""
    if not problem.fix:
        yield False
        return
    ((place, text),) = problem.fix
    path = root / place.file
    before = path.read_text("utf-8")
    lines = before.split("\n")
    line = lines[place.line - 1]
    assert place.line == place.end_line
    lines[place.line - 1] = line[: place.column - 1] + text + line[place.end_column - 1 :]
    path.write_text("\n".join(lines), "utf-8")
    try:
        yield True
    finally:
        path.write_text(before, "utf-8")


def told(report) -> list:
    """What is reported, without the notes on templates that the mistake has cut off."""
    kept = [p for p in report.problems if p.id != "templates.unused"]
    return kept or list(report.problems)


def edit(path: Path, seed: Seed) -> None:
    old = path.read_text("utf-8") if seed.old else ""
    if seed.old:
        assert seed.old in old, "the seed does not fit the site"
    text = old.replace(seed.old, seed.new, 1) if seed.old else seed.new
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def undo(path: Path, before: str | None) -> None:
    if before is None:
        path.unlink()
    else:
        path.write_text(before, "utf-8")


def place_of(root: Path, seed: Seed, before: str | None) -> tuple[str, int]:
    """The file and line where a mistake has to be reported."""
    if seed.at is None:
        text = before or ""
        return seed.file, text[: text.index(seed.old)].count("\n") + 1
    file, piece = seed.at
    text = (root / file).read_bytes().decode("utf-8", "surrogateescape")
    return file, text[: text.index(piece)].count("\n") + 1
