from __future__ import annotations

import errno
import json
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mtvgen.startproject.signals import Signalled, raised_signals
from mtvgen.startproject.staging import merge, staging, sweep
from tests.support.trees import tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks")

DEAD = ".mtvgen-0123456789abcdef"


def staged(parent: Path, files: dict[str, str]) -> Path:
    """A project that waits in a hidden directory, whose process is dead."""
    project = parent / DEAD / "project"
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    return project


def half_placed(parent: Path, files: dict[str, str], placed: list[str]) -> Path:
    """As above, killed while `placed` were the files that could be seen."""
    project = staged(parent, files)
    folders = sorted({str(Path(name).parent) for name in files} - {"."})
    times = {name: (project / name).stat().st_mtime_ns for name in files}
    journal = json.dumps({"folders": folders, "files": times})
    (project.parent / "journal.json").write_text(journal)
    for name in placed:
        (parent / name).parent.mkdir(exist_ok=True)
        os.link(project / name, parent / name)
    return project


def test_the_hidden_directory_is_its_owner_s_alone_and_gone_afterwards(tmp_path):
    with staging(tmp_path) as path:
        assert path.parent == tmp_path
        assert re.fullmatch(r"\.mtvgen-[0-9a-f]{16}", path.name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        (path / "file").write_text("x")
    assert not list(tmp_path.iterdir())


def test_the_hidden_directory_is_gone_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), staging(tmp_path):
        _ = 1 / 0
    assert not list(tmp_path.iterdir())


def test_what_a_dead_process_left_is_swept(tmp_path):
    staged(tmp_path, {"a/b": "x"})

    sweep(tmp_path)

    assert not list(tmp_path.iterdir())


def test_what_a_live_process_works_in_is_not_swept(tmp_path):
    with staging(tmp_path) as path:
        sweep(tmp_path)
        assert path.exists()


def test_what_another_live_process_works_in_is_not_swept(tmp_path):
    program = f"""
from pathlib import Path
from mtvgen.startproject.staging import staging
with staging(Path({str(tmp_path)!r})):
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
    (tmp_path / name).mkdir()

    sweep(tmp_path)

    assert (tmp_path / name).exists()


def test_a_link_or_a_file_of_that_name_is_not_swept(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("mine")
    (tmp_path / DEAD).symlink_to("elsewhere")
    (tmp_path / DEAD.replace("0", "f")).write_text("mine")
    before = tree(tmp_path)

    sweep(tmp_path)

    assert tree(tmp_path) == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give away")
def test_what_another_user_left_is_not_swept(tmp_path):
    staged(tmp_path, {"a": "x"})
    os.chown(tmp_path / DEAD, 65534, 65534)

    sweep(tmp_path)

    assert (tmp_path / DEAD).exists()


@pytest.mark.parametrize("journal", ["", "{", "[]", "{}", '{"folders": []}'])
def test_a_journal_that_says_nothing_changes_nothing(tmp_path, journal):
    project = staged(tmp_path, {"a": "x"})
    (project.parent / "journal.json").write_text(journal)
    (tmp_path / "mine").write_text("mine")

    sweep(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


FILES = {"a": "1", "folder/b": "2", "folder/c": "3"}


@pytest.mark.parametrize("placed", [[], ["a"], ["a", "folder/b"], list(FILES)])
def test_half_of_a_project_is_taken_back_by_the_next_run(tmp_path, placed):
    (tmp_path / "mine").write_text("mine")
    before = tree(tmp_path)
    half_placed(tmp_path, FILES, placed)

    sweep(tmp_path)

    assert tree(tmp_path) == before


def test_half_of_a_project_stays_once_somebody_has_edited_a_file_of_it(tmp_path):
    half_placed(tmp_path, FILES, ["a", "folder/b"])
    (tmp_path / "a").write_text("edited")

    sweep(tmp_path)

    assert set(tree(tmp_path)) == {"a", "folder", "folder/b"}


def test_a_folder_that_holds_something_else_stays(tmp_path):
    half_placed(tmp_path, FILES, ["a", "folder/b"])
    (tmp_path / "folder" / "mine").write_text("mine")

    sweep(tmp_path)

    assert set(tree(tmp_path)) == {"folder", "folder/mine"}


def test_files_join_what_is_there(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("mine")
    with staging(tmp_path) as path:
        (path / "project" / "folder").mkdir(parents=True)
        (path / "project" / "folder" / "b").write_text("2")
        merge(path / "project", tmp_path, ["folder/b"])

    assert set(tree(tmp_path)) == {"folder", "folder/b", "folder/mine"}


def test_a_file_that_has_come_into_being_stays_and_the_others_go_back(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "c").write_text("mine")
    before = tree(tmp_path)

    with staging(tmp_path) as path:
        for name, text in FILES.items():
            (path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
            (path / "project" / name).write_text(text)
        with pytest.raises(FileExistsError):
            merge(path / "project", tmp_path, FILES)

    assert tree(tmp_path) == before


def test_two_runs_do_not_fill_one_directory_at_once(tmp_path):
    import fcntl

    project = staged(tmp_path, FILES)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(BlockingIOError, match="another run is at work there"):
            merge(project, tmp_path, FILES)
    finally:
        os.close(descriptor)
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_where_links_are_impossible_files_are_copied(tmp_path):
    with staging(Path("/dev/shm")) as path:
        (path / "project").mkdir()
        secret = path / "project" / ".env"
        secret.write_text("SECRET_KEY=x")
        secret.chmod(0o600)
        if path.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("one file system")
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            os.link(secret, tmp_path / "link")
        merge(path / "project", tmp_path, [".env"])

    assert (tmp_path / ".env").read_text() == "SECRET_KEY=x"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_what_another_run_has_made_meanwhile_is_left_even_if_it_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("the same")
    project = staged(tmp_path, {"a": "first", "b": "the same", "c": "last"})

    with pytest.raises(FileExistsError):
        merge(project, tmp_path, ["a", "b", "c"])

    assert (tmp_path / "b").read_text() == "the same"
    assert not (tmp_path / "a").exists()


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
