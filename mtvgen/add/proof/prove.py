"""prove(): what a copy of the project that has an addition shows, before anything is moved in."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from mtvgen.add.addition import Addition, Plan, counted
from mtvgen.add.moving import Move
from mtvgen.add.proof.copies import copied
from mtvgen.add.proof.loaded import Loaded, load_copy
from mtvgen.add.proof.processes import run
from mtvgen.checks.report import Problem
from mtvgen.checks.run import check_project
from mtvgen.errors import printable
from mtvgen.startproject.destination import NothingMade

PATIENCE = 300  # seconds that the tests may take; a person who waits longer thinks that it hangs
_NO_TESTS_COLLECTED = 5  # exit status of pytest
_FAILED = 1
# The new migration is written by now, or its own error says why not; it is applied afterwards.
_OF_MIGRATIONS = {"models.behind", "models.no-migration"}
_MOST_SHOWN = 5  # problems or tests of a message


@dataclass(frozen=True)
class Proof:
    """What the copy has shown.

    Attributes:
        moves: What is to be moved in, with the migration that the copy has now.
        closed: The patterns of the user's own routes that visitors may not use.
        ran_tests: Whether tests were run: not without pytest, or where there are none.
    """

    moves: tuple[Move, ...]
    closed: tuple[str, ...] = ()
    ran_tests: bool = False


def prove(root: Path, addition: Addition, plan: Plan, *, with_own_tests: bool = True) -> Proof:
    """Check, load and test a project with an addition, in a copy.

    Args:
        root: The project's directory.
        addition: What is added.
        plan: What that changes in this project.
        with_own_tests: Whether the project's tests are run, too.

    Raises:
        NothingMade: There are new problems, or tests fail, or the models have changes of the
            user's own that no migration holds yet.
        OSError: The disk refuses the copy.
    """
    with copied(root, plan.moves) as copy:
        loaded = _load(root, copy, addition)
        _check(root, copy)
        moves = plan.moves
        if loaded.migration:
            # Behind the other new files, and before the first edited one.
            new = Move(loaded.migration, (copy / loaded.migration).read_bytes())
            moves = tuple(sorted((*moves, new), key=lambda move: move.before is not None))
        tests = ["tests"] if with_own_tests and (copy / "tests").is_dir() else [*plan.tests]
        ran_tests = bool(tests) and importlib.util.find_spec("pytest") is not None
        if ran_tests and (failed := _failed_tests(copy, tests)):
            _refuse(_new_ones(root, failed, tests), plan)
        closed = [pattern for pattern, file in loaded.closed if file not in addition.files]
        return Proof(moves, tuple(dict.fromkeys(closed)), ran_tests=ran_tests)


def _load(root: Path, copy: Path, addition: Addition) -> Loaded:
    try:
        loaded = load_copy(copy, addition.migration)
    except TimeoutError as error:
        raise NothingMade(f"{error}.", cure="mtvgen check") from None
    if loaded.problem:
        _refuse_broken_project(root)
        _check(root, copy, in_files=".py")  # says it with its place; of pages little is known now
        raise _as_error(loaded)
    if others := sorted(set(loaded.changed_models) - set(addition.files)):
        raise NothingMade(
            f"{printable(others[0])} has changes that no migration holds yet.",
            cure="mtvgen makemigrations, then type the same command again",
        )
    return loaded


def _refuse_broken_project(root: Path) -> None:
    """Report what keeps a project from being loaded as it is."""
    with copied(root, ()) as copy:
        loaded = load_copy(copy, "")
    if not loaded.problem:
        return
    errors = check_project(root).errors
    if not errors:
        raise _as_error(loaded)
    lines = "\n".join(map(str, errors[:_MOST_SHOWN]))
    raise NothingMade(
        f"without the addition, mtvgen check finds {counted(len(errors), 'problem')} already.\n"
        f"{lines}\n",
        cure=_CURE_OF_PROBLEMS,
    )


def _as_error(loaded: Loaded) -> NothingMade:
    lines = "\n".join(map(printable, loaded.problem.splitlines()))
    return NothingMade(lines, cure=printable(loaded.cure))


def _check(root: Path, copy: Path, *, in_files: str = "") -> None:
    """Run `mtvgen check` on the copy; problems that the project has already are not the point."""
    before = Counter((problem.id, problem.file) for problem in check_project(root).errors)
    new: list[Problem] = []
    for problem in check_project(copy).errors:
        if problem.id in _OF_MIGRATIONS or not problem.file.endswith(in_files):
            continue
        key = (problem.id, problem.file)
        before[key] -= 1
        if before[key] < 0:
            new.append(problem)
    if new:
        lines = "\n".join(map(str, new[:_MOST_SHOWN]))
        raise NothingMade(
            f"with the addition mtvgen check finds {counted(len(new), 'problem')}.\n{lines}\n",
            cure=_CURE_OF_PROBLEMS,
        )


def _new_ones(root: Path, failed: Sequence[str], tests: Sequence[str]) -> list[str]:
    """Return the tests that do not fail without the addition as well."""
    there = [test for test in tests if (root / test).exists()]
    if not there:
        return list(failed)
    with copied(root, ()) as copy:
        before = _failed_tests(copy, there)
    return [test for test in failed if test not in before]


def _refuse(failed: Sequence[str], plan: Plan) -> None:
    if not failed:
        return
    names = "\n".join(map(printable, failed[:_MOST_SHOWN]))
    new = [test for test in failed if test.partition("::")[0] in plan.tests]
    raise NothingMade(
        f"with the addition {counted(len(failed), 'test')} failed.\n{names}\n",
        cure=_CURE_OF_NEW_TESTS if new else _CURE,
    )


_CURE_OF_PROBLEMS = "change what it names, then type the same command again"
_CURE = "add it without running your own tests (--no-tests), and change them then"
_CURE_OF_NEW_TESTS = "change what they need, then type the same command again"


def _failed_tests(copy: Path, tests: Sequence[str]) -> list[str]:
    """Run tests, and return those that failed.

    Raises:
        NothingMade: It ended with an error, or takes too long.
    """
    report = copy.parent / "tests.xml"
    command = [
        *(sys.executable, "-m", "pytest", "-q", "--rootdir", str(copy), "--confcutdir", str(copy)),
        *("-p", "no:cacheprovider", "--junitxml", str(report), "-o", "junit_family=xunit1"),
        *tests,
    ]
    try:
        status, output = run(command, copy, patience=PATIENCE)
    except TimeoutError:
        raise NothingMade(f"the tests take longer than {PATIENCE} s.", cure=_CURE) from None
    if status in (0, _NO_TESTS_COLLECTED):
        return []
    failed = _failed_in(report) if status == _FAILED else []
    if not failed:
        shown = "\n".join(map(printable, output.splitlines()[-_MOST_SHOWN:]))
        raise NothingMade(f"with the addition pytest ends with an error.\n{shown}\n", cure=_CURE)
    return failed


def _failed_in(report: Path) -> list[str]:
    """Return the tests that failed, as pytest's own report in XML names them."""
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314  # our own child wrote it
    return [
        f"{case.get('file', '')}::{case.get('name', '')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
