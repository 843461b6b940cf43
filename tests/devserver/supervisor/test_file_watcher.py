from __future__ import annotations

import mmap
import os
import queue
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mtvgen.devserver.supervisor.file_watcher import Watcher
from mtvgen.devserver.supervisor.project_files import Snapshot, kind_of
from tests.support.trees import DEEPER_THAN_PYTHON, deep_directory

ROOT = Path("/site")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("urls.py", "code"),
        ("views/deep/inside/home.py", "code"),
        (".env", "code"),
        ("templates/notes/index.html", "page"),
        ("templates/mail.txt", "page"),
        ("blog/templates/post.html", "page"),
        ("static/style.css", "style"),
        ("static/photo.jpg", "page"),
        ("static/deep/app.js", "page"),
        ("tests/test_site.py", None),
        ("db.sqlite3", None),
        ("db.sqlite3-wal", None),
        ("README.md", None),
        ("views/__pycache__/home.cpython-311.pyc", None),
        ("views/.home.py.swp", None),
        ("views/home.py~", None),
        ("templates/home.html~", None),
        ("templates/.#home.html", None),
        ("views/.#home.py", None),
        ("views/._home.py", None),
        ("views/flycheck_home.py", None),
        ("views/home_flymake.py", None),
        ("views/.env", "code"),
        ("templates/#home.html#", None),
        ("templates/home.html___jb_tmp___", None),
        ("templates/home.html.bak", None),
        ("static/style.css.swx", None),
        ("static/4913", None),
        ("static/404", "page"),
        (".venv/lib/python3.11/site-packages/click/core.py", None),
        ("env/lib/site-packages/click/core.py", None),
        ("node_modules/a/b.py", None),
        (".git/hooks/a.py", None),
        ("../elsewhere.py", None),
    ],
)
def test_what_a_changed_file_means(path: str, kind: str | None) -> None:
    assert kind_of(os.path.normpath(ROOT / path), ROOT) == kind


def write(root: Path, path: str, text: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_snapshot_leaves_out_what_is_not_the_projects(tmp_path: Path) -> None:
    for path in ("urls.py", "views/home.py", "my-env/pyvenv.cfg", "my-env/lib/a.py",
                 "node_modules/b.py", ".git/c.py"):  # fmt: skip
        write(tmp_path, path)
    (tmp_path / "views" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.py").symlink_to(tmp_path / "nowhere.py")

    found = Snapshot(tmp_path)

    assert {os.path.relpath(path, tmp_path) for path in found.files} == {"urls.py", "views/home.py"}
    assert len(found.directories) == 2


def test_a_snapshot_holds_what_is_a_thousand_directories_deep(tmp_path: Path) -> None:
    with deep_directory(tmp_path) as innermost:
        file = write(innermost, "a.py")
        (innermost / "loop").symlink_to(tmp_path)

        found = Snapshot(tmp_path)

        assert set(found.files) == {str(file)}
        assert len(found.directories) == 1 + DEEPER_THAN_PYTHON


def test_snapshots_tell_what_was_made_changed_and_deleted(tmp_path: Path) -> None:
    kept, changed, deleted = (write(tmp_path, f"{name}.py") for name in ("a", "b", "c"))
    before = Snapshot(tmp_path)
    changed.write_text("more", encoding="utf-8")
    deleted.unlink()
    made = write(tmp_path, "new/d.py")

    after = Snapshot(tmp_path)

    assert after.changed_since(before) == {str(changed), str(deleted), str(made)}
    assert str(kept) in after.files


@pytest.fixture
def reports() -> Any:
    return queue.Queue()


class Watching:
    """A watcher that runs, and what it has reported."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.reports: queue.Queue[set[str]] = queue.Queue()
        self.lines: list[str] = []
        self.watcher = Watcher(root, self.reports.put, self.lines.append, **options)
        self.watcher.start()

    def hears_of(self, file: Path) -> bool:
        """Whether a file is reported before long; other reports may come first."""
        with suppress(queue.Empty):
            while str(file) not in self.reports.get(timeout=20):
                pass
            return True
        return False

    def until_it_listens(self, file: Path) -> None:
        """Wait until an edit of a file that is in the project itself is heard of."""
        file.write_text(file.read_text(encoding="utf-8") + "#", encoding="utf-8")
        assert self.hears_of(file)
        while not self.reports.empty():
            self.reports.get()


def write_silently(file: Path, text: bytes) -> None:
    """Edit a file as no system reports it (inotify(7)): by a shared mapping of its pages."""
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        mapped[: len(text)] = text
        mapped.flush()


def test_what_changed_before_it_listened_is_reported(tmp_path: Path, reports: Any) -> None:
    file = write(tmp_path, "urls.py")
    watcher = Watcher(tmp_path, reports.put, print)
    file.write_text("changed", encoding="utf-8")
    watcher.start()

    assert reports.get(timeout=10) == {str(file)}
    watcher.stop()


def test_a_system_that_can_not_watch_is_polled_with_one_line_about_it(
    tmp_path: Path, reports: Any
) -> None:
    def refuse(directories: list[str]) -> Any:
        raise OSError(28, "No space left on device")

    file = write(tmp_path, "urls.py")
    complaints: list[str] = []
    watcher = Watcher(tmp_path, reports.put, complaints.append, listen=refuse)
    watcher.start()
    for text in ("one", "other"):
        file.write_text(text, encoding="utf-8")
        assert reports.get(timeout=10) == {str(file)}
    watcher.stop()

    assert len(complaints) == 1
    assert "Watching by polling" in complaints[0]


def test_a_project_that_goes_and_comes_back_is_watched_again(tmp_path: Path, reports: Any) -> None:
    root = tmp_path / "site"
    file = write(root, "urls.py")
    watcher = Watcher(root, reports.put, print)
    watcher.start()
    root.rename(tmp_path / "away")
    assert reports.get(timeout=10) == {str(file)}
    (tmp_path / "away").rename(root)
    assert reports.get(timeout=10) == {str(file)}
    for text in ("one", "other"):
        file.write_text(text, encoding="utf-8")
        assert reports.get(timeout=10) == {str(file)}
    watcher.stop()


def test_an_edit_of_a_linked_file_is_heard_where_it_is(tmp_path: Path) -> None:
    root = tmp_path / "site"
    own, shared = write(root, "urls.py"), write(tmp_path, "shared/home.py")
    link = root / "home.py"
    link.symlink_to(shared)
    watching = Watching(root)
    watching.until_it_listens(own)

    for text in ("one", "other"):
        shared.write_text(text, encoding="utf-8")
        assert watching.hears_of(link)
    write(tmp_path, "shared/elsewhere.py", "not the project's")
    replacement = write(tmp_path, "shared/saved-by-an-editor", "third")
    replacement.rename(shared)
    assert watching.hears_of(link)
    watching.watcher.stop()


def test_a_link_that_leads_elsewhere_is_followed_from_then_on(tmp_path: Path) -> None:
    root = tmp_path / "site"
    own, other = write(root, "urls.py"), write(tmp_path, "other/home.py")
    link = root / "home.py"
    link.symlink_to(write(tmp_path, "shared/home.py"))
    watching = Watching(root)
    watching.until_it_listens(own)

    link.unlink()
    link.symlink_to(other)
    assert watching.hears_of(link)
    watching.until_it_listens(own)
    other.write_text("changed", encoding="utf-8")
    assert watching.hears_of(link)
    watching.watcher.stop()


def test_an_edit_that_the_system_does_not_report_is_found_and_polled_for_from_then_on(
    tmp_path: Path,
) -> None:
    own, file = write(tmp_path, "urls.py"), write(tmp_path, "views/home.py", "first")
    watching = Watching(tmp_path)
    watching.until_it_listens(own)

    for text in (b"other", b"third"):
        write_silently(file, text)
        assert watching.hears_of(file)
    watching.watcher.stop()
    assert len(watching.lines) == 1
    assert "--poll" in watching.lines[0]


def test_polling_finds_edits_that_the_system_does_not_report(tmp_path: Path) -> None:
    own, file = write(tmp_path, "urls.py"), write(tmp_path, "views/home.py", "first")
    listened: list[list[str]] = []
    watching = Watching(tmp_path, polls=True, listen=listened.append)
    watching.until_it_listens(own)

    write_silently(file, b"other")
    assert watching.hears_of(file)
    watching.watcher.stop()
    assert (watching.lines, listened) == ([], [])


def test_an_editors_lock_reports_nothing(tmp_path: Path) -> None:
    own = write(tmp_path, "urls.py")
    watching = Watching(tmp_path)
    watching.until_it_listens(own)

    (tmp_path / ".#urls.py").symlink_to("somebody@host.1234:1700000000")
    write(tmp_path, "flycheck_urls.py", "half a line (")
    own.write_text("saved", encoding="utf-8")
    assert watching.reports.get(timeout=20) == {str(own)}
    watching.watcher.stop()
