from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.signals import Signalled, raised_signals
from mtvgen.startproject.rendering import RenderedFile, RenderedProject
from mtvgen.startproject.staging import merge, staging, sweep, write
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks")

FILES = {"a": "1", "folder/b": "2", "folder/c": "3"}


def project(files: dict[str, str], mode: int = 0o644) -> RenderedProject:
    """A project of small files, as rendering makes one."""
    folders = {name.rpartition("/")[0] for name in files} - {""}
    rendered = {name: RenderedFile(text.encode(), mode) for name, text in files.items()}
    return RenderedProject(rendered, tuple(sorted(folders)))


def fill(target: Path, files: dict[str, str], names: Iterable[str] | None = None) -> None:
    """Let a project join what is in a directory."""
    with OpenDirectory.at(target) as opened, staging(opened) as hidden:
        write(project(files), hidden)
        merge(hidden, opened, names or files)


def left_behind(target: Path, files: dict[str, str], placed: int | None = None) -> Path:
    """The hidden directory of a process that was killed.

    Args:
        target: Where it worked.
        files: What it was about to make there.
        placed: How many of them it had placed when it was killed; None: it had not begun to.
    """
    child = os.fork()
    if not child:
        links = 0

        def die(event: str, _: object) -> None:
            nonlocal links
            links += event == "os.link"
            if links > (placed or 0) or event == "os.remove":  # of the journal
                os._exit(0)

        with OpenDirectory.at(target) as opened, staging(opened) as hidden:
            write(project(files), hidden)
            if placed is None:
                os._exit(0)
            sys.addaudithook(die)
            merge(hidden, opened, files)
            os._exit(0)
    os.waitpid(child, 0)
    (hidden_path,) = target.glob(".mtvgen-*")
    return hidden_path


def test_the_hidden_directory_is_its_owner_s_alone_and_gone_afterwards(tmp_path):
    with OpenDirectory.at(tmp_path) as parent, staging(parent) as hidden:
        (path,) = tmp_path.iterdir()
        assert path == hidden.path
        assert re.fullmatch(r"\.mtvgen-[0-9a-f]{16}", path.name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        (path / "file").write_text("x")
    assert not list(tmp_path.iterdir())


def test_the_hidden_directory_is_gone_after_an_error(tmp_path):
    with (
        pytest.raises(ZeroDivisionError),
        OpenDirectory.at(tmp_path) as parent,
        staging(parent),
    ):
        _ = 1 / 0
    assert not list(tmp_path.iterdir())


def test_no_descriptor_is_left_open(tmp_path):
    before = len(list(Path("/proc/self/fd").iterdir()))

    fill(tmp_path, FILES)
    sweep(tmp_path)

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_a_dead_process_left_is_swept(tmp_path):
    left_behind(tmp_path, {"a/b": "x"})

    sweep(tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_directory_above_whose_group_is_inherited_changes_nothing(tmp_path):
    tmp_path.chmod(0o2755)
    left_behind(tmp_path, FILES)

    sweep(tmp_path)

    assert not list(tmp_path.iterdir())


def test_an_empty_hidden_directory_is_one_of_a_process_that_was_killed_at_once(tmp_path):
    (tmp_path / ".mtvgen-0123456789abcdef").mkdir(mode=0o700)

    sweep(tmp_path)

    assert not list(tmp_path.iterdir())


def test_half_of_a_hidden_directory_can_still_be_swept(tmp_path):
    """The sweep may be killed too."""
    left = left_behind(tmp_path, FILES)
    child = os.fork()
    if not child:
        sys.addaudithook(lambda event, _: os._exit(0) if event == "os.rmdir" else None)
        sweep(tmp_path)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert left.exists()

    sweep(tmp_path)

    assert not list(tmp_path.iterdir())


def test_what_a_live_process_works_in_is_not_swept(tmp_path):
    with OpenDirectory.at(tmp_path) as parent, staging(parent) as hidden:
        sweep(tmp_path)
        assert hidden.path.exists()


def test_what_another_live_process_works_in_is_not_swept(tmp_path):
    program = f"""
from pathlib import Path
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.startproject.staging import staging
with OpenDirectory.at(Path({str(tmp_path)!r})) as parent, staging(parent):
    print("ready", flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "ready\n"
        sweep(tmp_path)
        alive = list(tmp_path.iterdir())
        other.kill()
        other.wait()
        sweep(tmp_path)

    assert len(alive) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        ".mtvgen",
        ".mtvgen-",
        ".mtvgen-mine",
        ".mtvgen-0123456789ABCDEF",
        ".mtvgen-0123456789abcdef0",
        "mtvgen-0123456789abcdef",
    ],
)
def test_a_directory_of_another_name_is_not_swept(tmp_path, name):
    (tmp_path / name).mkdir(mode=0o700)

    sweep(tmp_path)

    assert (tmp_path / name).exists()


def test_a_link_or_a_file_of_that_name_is_not_swept(tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "elsewhere" / "file").write_text("mine")
    (tmp_path / ".mtvgen-0123456789abcdef").symlink_to("elsewhere")
    (tmp_path / ".mtvgen-f123456789abcdef").write_text("mine")
    before = tree(tmp_path)

    sweep(tmp_path)

    assert tree(tmp_path) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give away")
def test_what_another_user_left_is_not_swept(tmp_path):
    left = left_behind(tmp_path, {"a": "x"})
    os.chown(left, 65534, 65534)

    sweep(tmp_path)

    assert left.exists()


def test_what_is_open_to_others_is_not_swept(tmp_path):
    left = left_behind(tmp_path, {"a": "x"})
    left.chmod(0o750)

    sweep(tmp_path)

    assert left.exists()


@pytest.mark.parametrize("journal", ["", "{", "[]", "{}", '{"folders": []}', '{"files": 1}'])
def test_a_journal_that_says_nothing_changes_nothing(tmp_path, journal):
    left = left_behind(tmp_path, {"a": "x"})
    (left / "journal.json").write_text(journal)
    (tmp_path / "mine").write_text("mine")

    sweep(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("placed", [0, 1, 2, 3])
def test_half_of_a_project_is_taken_back_by_the_next_run(tmp_path, placed):
    (tmp_path / "mine").write_text("mine")
    before = tree(tmp_path)
    left_behind(tmp_path, FILES, placed)
    assert len([path for path in tmp_path.glob("[!.]*") if path.name in ("a", "folder")]) > 0

    sweep(tmp_path)

    assert tree(tmp_path) == before


def test_half_of_a_project_stays_once_somebody_has_edited_a_file_of_it(tmp_path):
    left_behind(tmp_path, FILES, 2)
    (tmp_path / "a").write_text("edited")

    sweep(tmp_path)

    assert set(tree(tmp_path)) == {"a", "folder", "folder/b"}


def test_a_folder_that_holds_something_else_stays(tmp_path):
    left_behind(tmp_path, FILES, 2)
    (tmp_path / "folder" / "mine").write_text("mine")

    sweep(tmp_path)

    assert set(tree(tmp_path)) == {"folder", "folder/mine"}


def test_a_folder_that_has_become_a_link_is_left_with_what_is_behind_it(tmp_path):
    left_behind(tmp_path, FILES, 3)
    (tmp_path / "folder").rename(tmp_path / "elsewhere")
    (tmp_path / "folder").symlink_to("elsewhere")

    sweep(tmp_path)

    assert set(tree(tmp_path)) == {"a", "elsewhere", "elsewhere/b", "elsewhere/c", "folder"}


def test_files_join_what_is_there(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("mine")

    fill(tmp_path, FILES, ["folder/b"])

    assert set(tree(tmp_path)) == {"folder", "folder/b", "folder/mine"}


def test_a_file_that_has_come_into_being_stays_and_the_others_go_back(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c").write_text("mine")
    before = tree(tmp_path)

    with pytest.raises(FileExistsError):
        fill(tmp_path, FILES)

    assert tree(tmp_path) == before


def test_two_runs_do_not_fill_one_directory_at_once(tmp_path):
    with OpenDirectory.at(tmp_path) as other:
        assert other.lock()
        with pytest.raises(BlockingIOError, match="another run is at work there"):
            fill(tmp_path, FILES)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_where_links_are_impossible_files_are_copied(tmp_path):
    with OpenDirectory.at(Path("/dev/shm")) as shm, staging(shm) as hidden:
        if hidden.status().st_dev == tmp_path.stat().st_dev:
            pytest.skip("one file system")
        write(project({".env": "SECRET_KEY=x"}, 0o600), hidden)
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            os.link(hidden.path / "project" / ".env", tmp_path / "link")
        with OpenDirectory.at(tmp_path) as target:
            merge(hidden, target, [".env"])

    assert (tmp_path / ".env").read_text() == "SECRET_KEY=x"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_what_another_run_has_made_meanwhile_is_left_even_if_it_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("the same")

    with pytest.raises(FileExistsError):
        fill(tmp_path, {"a": "first", "b": "the same", "c": "last"})

    assert (tmp_path / "b").read_text() == "the same"
    assert not (tmp_path / "a").exists()


# --- signals ---


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_is_raised_once_and_handlers_are_put_back(name):
    import signal

    number = getattr(signal, name)
    before = signal.getsignal(number)
    with raised_signals():
        with pytest.raises(Signalled) as caught:
            signal.raise_signal(number)
        signal.raise_signal(number)  # the second Ctrl-C does not cut the cleaning short

    assert caught.value.number == number
    assert caught.value.name == ("Ctrl-C" if name == "SIGINT" else name)
    assert signal.getsignal(number) == before


def test_a_held_signal_does_not_end_the_last_step():
    import signal

    with raised_signals() as signals:
        signals.hold()
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_that_is_ignored_stays_ignored():
    import signal

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    try:
        with raised_signals():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_thread_that_can_not_hear_signals_works_all_the_same():
    worked = []

    def work() -> None:
        with raised_signals():
            worked.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert worked == [True]
