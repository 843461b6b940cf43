from __future__ import annotations

import os
import queue
from pathlib import Path
from typing import Any

import pytest

from mtvgen.devserver.supervisor.file_watcher import Snapshot, Watcher, kind_of

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
    watcher = Watcher(tmp_path, reports.put, complaints.append, refuse)
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
