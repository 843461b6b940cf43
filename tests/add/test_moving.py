"""Files move into a project: all of them, or none, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from mtvgen.add.moving import InTheWayError, Move, move_in
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.signals import Signalled
from tests.support.striking import Fault, full, in_a_child
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks")

BEFORE = {"wsgi.py": b"old wsgi\r\n", "urls.py": b"old urls", "views/home.py": b"home\n"}
MEANWHILE = b"wsgi that works with both\r\n"
MOVES = [
    Move("views/accounts.py", b"accounts\n"),
    Move("templates/accounts/nav.html", b"nav\n"),
    Move("wsgi.py", b"new wsgi\r\n", BEFORE["wsgi.py"], MEANWHILE),
    Move("urls.py", b"new urls", BEFORE["urls.py"]),
]
AFTER = BEFORE | {move.file: move.content for move in MOVES}
# With which `wsgi.py` which `urls.py` works.
WORKING = {
    (BEFORE["wsgi.py"], BEFORE["urls.py"]),
    (MEANWHILE, BEFORE["urls.py"]),
    (MEANWHILE, AFTER["urls.py"]),
    (AFTER["wsgi.py"], AFTER["urls.py"]),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made(tmp_path / "网站 of mine")


def made(root: Path) -> Path:
    for name, content in BEFORE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "wsgi.py").chmod(0o755)
    return root


def files(root: Path) -> dict[str, bytes]:
    """The files of a project, without the hidden directory of a process that was killed."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.relative_to(root).parts[0].startswith(".mtvgen-")
    }


def test_all_files_are_there_and_nothing_else(project):
    move_in(project, MOVES)

    assert files(project) == AFTER
    assert not list(project.glob(".*"))


def test_an_edited_file_keeps_its_mode_and_a_new_one_gets_the_usual(project):
    move_in(project, MOVES)

    assert stat.S_IMODE((project / "wsgi.py").stat().st_mode) == 0o755
    assert stat.S_IMODE((project / "views/accounts.py").stat().st_mode) & 0o111 == 0


def test_the_same_once_more_changes_nothing(project):
    move_in(project, MOVES)
    before = tree(project)
    move_in(project, MOVES)

    assert tree(project) == before


@pytest.mark.parametrize(
    ("name", "content"),
    [("views/accounts.py", b"mine"), ("urls.py", b"edited"), ("wsgi.py", b"")],
)
def test_a_file_of_the_users_own_is_named_and_nothing_is_written(project, name, content):
    (project / name).write_bytes(content)
    before = tree(project)

    with pytest.raises(InTheWayError) as caught:
        move_in(project, MOVES)

    assert caught.value.file == name
    assert tree(project) == before


def test_a_link_in_the_way_is_not_followed(project, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (project / "templates").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="templates"):
        move_in(project, MOVES)

    assert files(project) == BEFORE
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_second_process_is_refused(project):
    with OpenDirectory.at(project) as other:
        assert other.lock()
        with pytest.raises(BlockingIOError):
            move_in(project, MOVES)

    assert files(project) == BEFORE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_may_not_be_written_leaves_all_as_it_was(project):
    (project / "views").chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            move_in(project, MOVES)
        assert files(project) == BEFORE
    finally:
        (project / "views").chmod(0o755)


@pytest.fixture
def fault() -> Fault:
    return Fault()


def count_of_steps(fault: Fault, root: Path) -> int:
    made(root)
    with fault.at(0, full):
        move_in(root, MOVES)
    return fault.steps


@in_a_child
@pytest.mark.parametrize(
    "strike",
    [
        full,
        lambda: os.kill(os.getpid(), signal.SIGINT),
        lambda: os.kill(os.getpid(), signal.SIGTERM),
    ],
    ids=["full disk", "Ctrl-C", "SIGTERM"],
)
def test_whatever_stops_it_at_whatever_step_it_is_all_or_nothing(fault, tmp_path, strike):
    for number in range(1, count_of_steps(fault, tmp_path / "count") + 1):
        root = made(tmp_path / str(number))
        with fault.at(number, strike), contextlib.suppress(OSError, Signalled):
            move_in(root, MOVES)
        assert files(root) in (BEFORE, AFTER), number
        move_in(root, MOVES)
        assert files(root) == AFTER, number
        assert not list(root.glob(".*")), number


@in_a_child
def test_killed_at_whatever_step_no_file_is_half_and_the_same_again_finishes(fault, tmp_path):
    for number in range(1, count_of_steps(fault, tmp_path / "count") + 1):
        root = made(tmp_path / str(number))
        child = os.fork()
        if not child:
            with fault.at(number, lambda: os._exit(9)):
                move_in(root, MOVES)
            os._exit(0)
        os.waitpid(child, 0)

        left = files(root)
        assert all(left[name] == AFTER[name] for name in left.keys() - BEFORE.keys()), number
        if left["wsgi.py"] != BEFORE["wsgi.py"]:  # what it names is there
            assert left.keys() == AFTER.keys(), number
        assert (left["wsgi.py"], left["urls.py"]) in WORKING, number
        move_in(root, MOVES)
        assert files(root) == AFTER, number
        assert not list(root.glob(".*")), number


@in_a_child
@pytest.mark.parametrize("in_place", [True, False], ids=["written into", "replaced"])
def test_an_edit_meanwhile_is_never_lost(fault, tmp_path, in_place):
    """An editor saves at each of the steps in turn: its text is there, or the run is over."""

    def save() -> None:
        fault.strike = None
        # Between the last look and the rename nobody can see that another file is there.
        if in_place or fault.last == "os.rename":
            (root / "urls.py").write_bytes(b"mine")
        else:
            (root / "draft").write_bytes(b"mine")
            (root / "draft").rename(root / "urls.py")

    for number in range(1, count_of_steps(fault, tmp_path / "count") + 1):
        root = made(tmp_path / str(number))
        with fault.at(number, save), contextlib.suppress(InTheWayError):
            move_in(root, MOVES)
        assert files(root) in (BEFORE | {"urls.py": b"mine"}, AFTER | {"urls.py": b"mine"}), number
