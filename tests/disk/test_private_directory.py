"""A directory that was left is removed if it was made here, and not because it looks like it."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile

import pytest

from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.private_directory import abandoned_directories, private_directory
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")

PLANTED = f".mtvgen-{'0' * 16}"


@pytest.fixture
def parent(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    with OpenDirectory.at(place) as opened:
        yield opened


def killed_with(parent, work=lambda made: None):
    """What a process leaves that is killed while it has a private directory."""
    child = os.fork()
    if not child:
        with private_directory(parent, ".mtvgen-") as made:
            made.create("file", b"")
            work(made)
            os._exit(0)
    os.waitpid(child, 0)
    (left,) = parent.path.iterdir()
    return left


def swept(parent):
    return [left.path.name for left in abandoned_directories(parent, ".mtvgen-")]


def test_what_a_killed_process_has_left_is_removed(parent):
    left = killed_with(parent, lambda made: made.make_directory("folder"))
    assert swept(parent) == [left.name]
    assert parent.names() == []


@pytest.mark.parametrize("step", range(1, 9))
def test_what_is_killed_at_any_step_is_removed_by_the_next_run(parent, step):
    child = os.fork()
    if not child:
        steps = iter(range(1, 100))
        watched = {"os.mkdir", "open", "os.remove", "os.rmdir"}
        sys.addaudithook(lambda event, _: event in watched and next(steps) == step and os._exit(0))
        with private_directory(parent, ".mtvgen-") as made:
            made.create("file", b"")
        os._exit(0)
    os.waitpid(child, 0)

    swept(parent)

    assert parent.names() == []


def test_what_comes_out_of_an_archive_is_never_taken_for_it(parent, tmp_path):
    """As tar unpacks it: with its mode, its owner and the times of modification of its files."""
    left = killed_with(parent)
    with tarfile.open(tmp_path / "it.tar", "w") as archive:
        archive.add(left, left.name)
    shutil.rmtree(left)
    with tarfile.open(tmp_path / "it.tar") as archive:
        archive.extractall(parent.path, filter="fully_trusted")
    assert left.stat().st_mode & 0o777 == 0o700
    before = tree(parent.path)

    assert swept(parent) == []

    assert tree(parent.path) == before


@pytest.mark.parametrize("moment", ["modified", "second", "none"])
def test_a_mark_is_not_made_of_what_an_archive_can_bring(parent, moment):
    """Its numbers may be guessed, and a disk gives them out again; but not when it is unpacked."""
    place = parent.path / PLANTED
    place.mkdir(mode=0o700)
    (place / "precious").write_text("mine")
    witness = place / "made-here"
    witness.touch()
    os.utime(witness, ns=(1, 1_700_000_000_123_456_789))
    status = witness.stat()
    time = {
        "modified": f"-{status.st_mtime_ns}",
        "second": f"-{status.st_ctime_ns // 10**9 * 10**9}",
        "none": "",
    }[moment]
    inode = place.stat().st_ino
    for name in (f"made-here-{inode}", f"made-here-{inode}-{status.st_ino}{time}"):
        (place / name).touch()

    assert swept(parent) == []

    assert (place / "precious").read_text() == "mine"
