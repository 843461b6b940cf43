"""What others may have put into the temporary directory, and what `mtvgen runserver` does with it.

The directory is shared: anybody may make a name there that looks like the server's own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.private_directory import private_directory
from tests.devserver.running import SITE, Running, runserver, until
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the server has no such directory")

# As the names of the server's own directories are, or were, or nearly are.
NAMES = [
    "mtvgen-0123456789abcdef",
    "mtvgen-4194303-0123456789abcdef",
    "mtvgen-4194303-a",
    "mtvgen-1x-y",
    "mtvgen-99999999999999999999-x",
    "mtvgen-99999999999999999999-0123456789abcdef",
    "mtvgen-0-0123456789abcdef",
    "mtvgen--1-0123456789abcdef",
    "mtvgen-\u0663-0123456789abcdef",
    "mtvgen-2\udcff-x",
    "mtvgen-1\n-0123456789abcdef",
]


@pytest.fixture
def shared(tmp_path, monkeypatch) -> Path:
    """A temporary directory that everybody may write to."""
    place = tmp_path / "shared"
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    monkeypatch.setenv("TMPDIR", str(place))
    return place


def own_directories(shared: Path) -> list[Path]:
    return [path for path in shared.iterdir() if any(path.glob("made-here-*"))]


@pytest.mark.parametrize("kind", ["link", "directory", "closed directory", "file", "link to it"])
def test_a_planted_name_in_the_temporary_directory_deletes_nothing_and_stops_nothing(
    tmp_path, shared, kind
):
    private = tmp_path / "documents"
    private.mkdir(mode=0o700)
    (private / "thesis.txt").write_text("mine")
    for name in NAMES:
        match kind:
            case "link":
                (shared / name).symlink_to(private)
            case "link to it":  # with a mark, and by another name
                (private / f"made-here-{private.stat().st_ino}").touch()
                (shared / name).symlink_to(private)
            case "file":
                (shared / name).write_text("mine")
            case _:
                (shared / name).mkdir(mode=0o700 if kind.startswith("closed") else 0o755)
                (shared / name / "thesis.txt").write_text("mine")
    before = tree(tmp_path)

    with runserver(tmp_path / "site") as server:
        assert server.get("/").status == 200
        assert server.end() == 130

    after = {name: entry for name, entry in tree(tmp_path).items() if not name.startswith("site")}
    assert after == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give away")
def test_a_directory_of_another_user_is_not_removed(tmp_path, shared):
    with OpenDirectory.at(shared) as parent, private_directory(parent, "mtvgen-") as made:
        copy = shared / f"mtvgen-{'0' * 16}"
        copy.mkdir(mode=0o700)
        (copy / f"made-here-{copy.stat().st_ino}").touch()
        os.chown(copy, 65534, 65534)
        assert made.path.exists()

        with runserver(tmp_path / "site") as server:
            server.end()

        assert copy.exists()


def test_what_a_killed_server_left_is_removed_by_the_next_one(tmp_path, shared):
    with runserver(tmp_path / "site") as server:
        server.get("/")  # which compiles a template
        server.end(signal.SIGKILL)
    (left,) = own_directories(shared)
    assert left.stat().st_mode & 0o777 == 0o700

    with runserver(tmp_path / "site") as server:
        assert left not in own_directories(shared)
        server.end()

    assert own_directories(shared) == []


def test_a_server_that_lives_keeps_its_directory_whoever_else_starts(tmp_path, shared):
    """Its process may be one that nobody else sees, as from a container that shares the place."""
    with runserver(tmp_path / "one") as first:
        (its,) = own_directories(shared)
        renamed = its.rename(shared / f"mtvgen-{'f' * 16}")  # a number of no process
        with runserver(tmp_path / "two") as second:
            assert second.get("/").status == 200
            assert renamed.exists()
        assert first.get("/").status == 200


@pytest.mark.parametrize("how", ["deleted", "replaced by a link", "made read-only"])
@pytest.mark.parametrize("starts", ["fork", "spawn"])
def test_a_directory_that_is_gone_meanwhile_ends_nothing(tmp_path, shared, how, starts):
    with runserver(tmp_path / "site", environ={"MTVGEN_DEVSERVER": starts}) as server:
        server.get("/")
        (its,) = own_directories(shared)
        if how == "made read-only":
            its.chmod(0o500)
        else:
            shutil.rmtree(its)
        if how == "replaced by a link":
            its.symlink_to(tmp_path / "nowhere")

        server.replace("views/home.py", 'WORD = "first"', 'WORD = "second"')
        server.wait_for("second")
        server.replace("templates/home.html", "<h1>", "<h1 id=x>")
        server.wait_for("<h1 id=x>")
        server.replace("views/home.py", "return WORD", "return WRONG")
        server.replace("views/home.py", "word=WORD", "wrod=WORD")
        server.wait_for_line(r"warning: templates/home\.html:1:\d+: 'word' is undefined")
        server.replace("views/home.py", "wrod=WORD", "word=WORD")
        server.wait_for("second")
        assert server.process.poll() is None
        its.is_symlink() or not its.exists() or its.chmod(0o700)
        assert server.end() == 130


def test_a_directory_that_somebody_has_put_in_the_place_is_not_read(tmp_path, shared):
    """What is in it is code, compiled templates, and sentences for the error page."""
    with runserver(tmp_path / "site", site={**SITE, "views/home.py": BROKEN}) as server:
        (its,) = own_directories(shared)
        _wait_for_problems(server, its)
        theirs = shared / "theirs"
        theirs.mkdir(mode=0o755)
        (theirs / "problems.json").write_text(json.dumps([["views/home.py", 1, "planted"]]))
        its.rename(shared / "away")
        theirs.rename(its)

        server.write("urls.py", server.root.joinpath("urls.py").read_text() + "\n# again\n")
        server.wait_for_line("reloaded urls.py")
        assert "planted" not in server.get("/").text


BROKEN = SITE["views/home.py"].replace("word=WORD", "wrod=WORD")


def _wait_for_problems(server: Running, its: Path) -> None:
    until((its / "problems.json").exists, server.terminal)


@pytest.mark.parametrize("place", ["nowhere", "file", "closed"])
def test_a_server_without_a_place_for_temporary_files_serves_all_the_same(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "closed").mkdir(mode=0o500)

    with runserver(tmp_path / "site", environ={"TMPDIR": str(tmp_path / place)}) as server:
        assert server.get("/").status == 200
        server.replace("views/home.py", 'WORD = "first"', 'WORD = "second"')
        server.wait_for("second")
        assert server.end() == 130
