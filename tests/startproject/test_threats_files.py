"""What somebody else may have put where `mtvgen startproject` works, and what it must not do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mtvgen.startproject.engine  # noqa: F401  # before the forks, so that no child pays for it
from mtvgen.cli import main
from mtvgen.startproject.create import create_project
from tests.support.trees import tree

PLANTED = ".mtvgen-0123456789abcdef"
# What changes the disk, or opens something on it, as the interpreter's audit events tell it
# (https://docs.python.org/3/library/audit_events.html).
_STEPS = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.chmod", "open"}
_STEPS |= {"os.listdir", "os.scandir"}

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="meddles in forked children")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test works in a clone that somebody else has filled."""
    place = tmp_path / "home" / "clone"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def run(capsys):
    """`mtvgen startproject ...` -> exit code, stdout, stderr."""

    def startproject(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["startproject", *arguments])
        return (ended.value.code, *capsys.readouterr())

    return startproject


def plant(place: Path, journal: object, staged: dict[str, str], mode: int = 0o755) -> None:
    """A hidden directory as `startproject` might have left it, but that it did not make."""
    hidden = place / PLANTED
    (hidden / "project").mkdir(parents=True)
    for name, text in staged.items():
        file = hidden / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (hidden / "journal.json").write_text(json.dumps(journal))
    hidden.chmod(mode)


# --- a journal that somebody else wrote ---


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o777])
@pytest.mark.parametrize(
    "journal",
    [
        {"files": {"../../.bashrc": 0, "../empty.lock": 0}, "folders": []},
        {"files": {"{home}/.bashrc": 0}, "folders": ["{home}/empty"]},
        {"files": {}, "folders": ["../empty", "../../empty"]},
        {"files": {"notes.txt": 0, "folder/same.txt": 0}, "folders": ["folder", "mine"]},
        {"files": {"link/.bashrc": 0}, "folders": ["link/empty"]},
        {"files": {"notes.txt\0": 0, "": 0, ".": 0, "..": 0, "/": 0}, "folders": ["", "..", "/"]},
        {"files": ["../.bashrc"], "folders": "../empty"},
        {"files": {"notes.txt": 10**400}, "folders": [[]]},
        {"other": 1},
        [],
    ],
    ids=range(10),
)
def test_a_journal_that_came_with_a_clone_deletes_nothing(here, tmp_path, journal, mode):
    home = tmp_path / "home"
    for place in (home, tmp_path, here):
        (place / ".bashrc").write_text("known to everybody")
        (place / "empty.lock").write_text("")
        (place / "empty").mkdir()
    (here / "link").symlink_to(home)
    (here / "notes.txt").write_text("known to everybody")
    (here / "folder").mkdir()
    (here / "folder" / "same.txt").write_text("")
    (here / "mine").mkdir()
    text = json.dumps(journal).replace("{home}", str(home))
    plant(here, json.loads(text), {}, mode)
    for name in (".bashrc", "notes.txt", "keep"):
        (here / PLANTED / "project" / name).write_text("known to everybody")
    (here / PLANTED / ".bashrc").write_text("known to everybody")
    (here / PLANTED / "empty.lock").write_text("")
    before = tree(tmp_path)

    create_project("site")

    shutil.rmtree(here / "site")
    assert tree(tmp_path) == before


def test_a_hard_link_that_came_with_an_archive_deletes_nothing(here, tmp_path):
    (here / "notes.txt").write_text("mine")
    time = (here / "notes.txt").stat().st_mtime_ns
    plant(here, {"files": {"notes.txt": time}, "folders": []}, {}, 0o700)
    os.link(here / "notes.txt", here / PLANTED / "project" / "notes.txt")
    before = tree(tmp_path)

    create_project("site")

    shutil.rmtree(here / "site")
    assert tree(tmp_path) == before


def test_a_private_directory_that_somebody_has_renamed_is_not_swept(here):
    """Who may write to a directory may rename what is in it, but not look into it."""
    (here / PLANTED).mkdir(mode=0o700)
    (here / PLANTED / "thesis.txt").write_text("mine")

    create_project("site")

    assert (here / PLANTED / "thesis.txt").read_text() == "mine"


# --- links that are flipped while it works ---


def at_each_step(
    work: Callable[[], object], prepare: Callable[[], None], meddle: Callable[[], None]
) -> int:
    """Do the work again and again, each time with somebody who meddles at another step of it.

    Args:
        work: In a forked child; it may fail.
        prepare: Before each time.
        meddle: In the middle.

    Returns:
        How many steps there were.
    """
    for step in range(1, 1_000):
        prepare()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException):
                sys.addaudithook(_Meddler(step, meddle, writing))
                work()
            os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            if not pipe.read():
                return step - 1
    raise AssertionError("it never ends")


class _Meddler:
    """An audit hook that lets somebody meddle at one step."""

    def __init__(self, step: int, meddle: Callable[[], None], report: int) -> None:
        self._left = step
        self._meddle = meddle
        self._report = report

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _STEPS:
            self._left -= 1
            if self._left == 0:
                os.write(self._report, b"x")
                self._meddle()


@needs_fork
def test_a_link_that_takes_the_place_of_a_folder_meanwhile_is_not_followed(here, tmp_path):
    target, outside = here / "target", tmp_path / "outside"

    def prepare() -> None:
        assert not outside.exists() or not list(outside.iterdir())
        shutil.rmtree(target, ignore_errors=True)
        shutil.rmtree(outside, ignore_errors=True)
        (target / "static").mkdir(parents=True)
        (target / "static" / "mine.css").write_text("mine")
        outside.mkdir()

    def meddle() -> None:
        for name in ("views", "static", "templates"):
            if (target / name).is_dir():
                (target / name).rename(target / f"{name}-away")
                (target / name).symlink_to(outside)

    files = {"views/home.py": "1", "static/style.css": "2", "templates/notes/a.html": "3"}
    small = template(tmp_path, files)

    steps = at_each_step(lambda: create_project("site", "target", template=small), prepare, meddle)

    assert steps > 20
    assert not list(outside.iterdir())


@needs_fork
def test_a_link_that_takes_the_place_of_a_hidden_directory_is_not_swept_through(here, tmp_path):
    outside, away = tmp_path / "outside", here / ".away"
    small = template(tmp_path, {"views/home.py": "1", "urls.py": "2"})

    def prepare() -> None:
        for place in (here, outside):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
        os.chdir(here)
        # Killed in the middle of its work, so that there is something to sweep.
        child = os.fork()
        if not child:
            sys.addaudithook(lambda event, _: os._exit(1) if event == "os.rename" else None)
            create_project("killed", template=small)
        os.waitpid(child, 0)
        (hidden,) = here.glob(".mtvgen-*")
        mark = next(hidden.glob("made-here-*"), None)
        assert mark is not None
        # All that the sweep could believe in, in a directory that is somebody else's.
        (outside / mark.name).touch()
        (outside / "project").mkdir()
        (outside / "project" / "precious").write_text("mine")
        (outside / "journal.json").write_text(json.dumps({"files": {"precious": 0}, "folders": []}))

    def meddle() -> None:
        for hidden in here.glob(".mtvgen-*"):
            if not hidden.is_symlink():
                hidden.rename(away)
                hidden.symlink_to(outside)
                return

    def checked_prepare() -> None:
        assert not outside.exists() or (outside / "project" / "precious").exists()
        prepare()

    steps = at_each_step(lambda: create_project("site", template=small), checked_prepare, meddle)

    assert steps > 20
    assert (outside / "project" / "precious").read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="names Linux's devices")
@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "/dev/tty", "nowhere", "directory"])
def test_a_gitignore_that_never_ends_holds_up_nobody(here, kind):
    match kind:
        case "pipe":
            os.mkfifo(here / ".gitignore")
        case "directory":
            (here / ".gitignore").mkdir()
        case _:
            (here / ".gitignore").symlink_to(kind)

    assert create_project("site", ".").placement.shows_env


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
@pytest.mark.parametrize("copied", [[], ["pages", "*.txt"]])
@pytest.mark.parametrize("name", ["a.txt", "pages/a.html"])
def test_a_template_with_what_never_ends_is_refused(here, tmp_path, run, make, copied, name):
    source = template(tmp_path, {"pages/b.html": "b"}, {"_copy_without_render": copied})
    make(Path(source, "{{cookiecutter.project_name}}", name))

    code, _, error = run("site", "--template", source)

    assert code == 1
    assert f"'{name.rpartition('/')[2]}' is not a regular file" in error
    assert not (here / "site").exists()


# --- a dry run ---


@pytest.mark.parametrize("directory", [None, ".", "a/b"])
def test_a_dry_run_touches_and_sweeps_nothing(here, tmp_path, monkeypatch, directory):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    for place in (here, scratch):
        plant(place, {"files": {"notes.txt": 0}, "folders": []}, {"notes.txt": ""}, 0o700)
        (place / "notes.txt").write_text("")
        (place / ("mtvgen-" + PLANTED[-16:])).mkdir(mode=0o700)
    before = tree(tmp_path)
    times = {path: path.stat().st_ctime_ns for path in (tmp_path, *tmp_path.rglob("*"))}

    create_project("site", directory, dry_run=True)

    assert tree(tmp_path) == before
    assert {path: path.stat().st_ctime_ns for path in times} == times


@needs_fork
def test_a_dry_run_writes_to_no_place_at_all():
    create_project("site", dry_run=True)  # imports what there is to import
    child = os.fork()
    if not child:
        try:
            sys.dont_write_bytecode = True
            sys.addaudithook(_refuse_to_write)
            create_project("site", dry_run=True)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _refuse_to_write(event: str, arguments: tuple[object, ...]) -> None:
    changes = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir"}
    changes |= {"os.chmod", "os.chown", "os.utime", "os.truncate", "tempfile.mkdtemp"}
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    flags = arguments[2] if event == "open" else 0
    if event in changes or (isinstance(flags, int) and flags & writes):
        raise AssertionError(f"{event} {arguments}")


# --- a template that somebody else wrote ---


def template(place: Path, files: dict[str, str], settings: dict[str, Any] | None = None) -> str:
    """A template: its files, and what its cookiecutter.json holds besides the name."""
    folder = place / "template"
    for name, text in files.items():
        file = folder / "{{cookiecutter.project_name}}" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    values = {"project_name": "x", **(settings or {})}
    (folder / "cookiecutter.json").write_text(json.dumps(values))
    return str(folder)


@pytest.mark.parametrize("option", [[], ["--dry-run"]], ids=["", "dry"])
@pytest.mark.parametrize("directory", [[], ["."], ["a/b"]], ids=["new", "filled", "nested"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("{{cookiecutter.up}}/x.txt", "../../../OUTSIDE"),
        ("{{cookiecutter.up}}/x.txt", "{home}"),
        ("{{cookiecutter.up}}", "../OUTSIDE.txt"),
        ("{{cookiecutter.up}}", "{home}/OUTSIDE.txt"),
        ("a/{{cookiecutter.up}}", "../../OUTSIDE.txt"),
        ("a/{{cookiecutter.up}}", "../OUTSIDE.txt"),
        ("a/{{cookiecutter.up}}/b/x.txt", ".."),
        ("{{cookiecutter.up}}.txt", "a/../../OUTSIDE"),
    ],
)
def test_a_template_s_name_that_leads_outside_is_refused_before_the_first_write(
    run, here, tmp_path, name, value, directory, option
):
    home = str(tmp_path / "home")
    folder = template(tmp_path, {"a.txt": "", name: "text"}, {"up": value.replace("{home}", home)})
    before = tree(tmp_path)

    code, output, error = run("site", *directory, "--template", folder, *option)

    assert (code, output) == (1, "")
    assert "is not inside the project. mtvgen itself wrote nothing. -> fix the template" in error
    assert tree(tmp_path) == before


def test_a_copied_folder_of_a_template_can_not_lead_outside_either(run, here, tmp_path):
    files = {"{{cookiecutter.up}}/x.txt": "text"}
    settings = {"up": "../OUTSIDE", "_copy_without_render": ["*up*"]}
    folder = template(tmp_path, files, settings)  # type: ignore[arg-type]
    before = tree(tmp_path)

    assert "is not inside the project" in run("site", "--template", folder)[2]
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "copied", [[], ["static"], ["static/*"]], ids=["rendered", "folder", "files"]
)
def test_a_link_in_a_template_is_not_a_way_out_of_the_project(run, here, tmp_path, copied):
    outside = tmp_path / "outside"
    outside.mkdir()
    files = {"a.txt": "", "static/b.txt": ""}
    folder = template(tmp_path, files, {"_copy_without_render": copied})  # type: ignore[dict-item]
    root = Path(folder, "{{cookiecutter.project_name}}")
    (root / "views").symlink_to(outside)
    (root / "static" / "more").symlink_to(outside)
    (outside / "theirs.txt").write_text("theirs")

    assert run("site", "--template", folder)[0] == 0
    assert not [path for path in (here / "site").rglob("*") if path.is_symlink()]
    assert [path.name for path in outside.iterdir()] == ["theirs.txt"]


def test_a_link_of_a_template_that_leads_in_a_circle_is_told(run, here, tmp_path):
    files = {"static/a.txt": ""}
    folder = template(tmp_path, files, {"_copy_without_render": ["static"]})  # type: ignore[dict-item]
    (Path(folder) / "{{cookiecutter.project_name}}" / "static" / "again").symlink_to("..")

    error = run("site", "--template", folder)[2]

    assert "'again' is a link to a folder that holds it" in error


def test_what_a_foreign_template_did_is_never_denied(run, here, tmp_path):
    """Its code runs, and may write what it likes: that nothing was written can't be known."""
    write = "{{ cycler.__init__.__globals__.os.makedirs('made-by-code', exist_ok=True) }}"
    good = template(tmp_path, {"a.txt": "1"}, {"made": write})
    bad = template(tmp_path / "bad", {"a.txt": "{{ nope }}"})
    (here / "taken").mkdir()
    (here / "taken" / "a.txt").write_text("mine")
    runs = [
        run("site", "--template", good, "--dry-run"),
        run("site", "--template", bad),
        run("site", "--template", bad, "--dry-run"),
        run("site", "taken", "--template", str(tmp_path / "template")),
        run("taken", "--template", str(tmp_path / "template")),
        run("site", "/dev/null", "--template", bad),
    ]

    assert (here / "made-by-code").is_dir()
    for _, output, error in runs:
        assert "mtvgen itself wrote nothing" in output + error
        assert "Nothing was written" not in output + error


def test_the_help_says_that_a_template_s_code_runs(run):
    text = " ".join(run("--help")[1].split())

    assert "A template is a program" in text
    assert "its code runs, in a dry run too" in text


# --- a directory that nobody has asked to be filled ---


@pytest.mark.parametrize("through_a_link", [False, True])
@pytest.mark.parametrize("option", [[], ["--dry-run"]], ids=["", "dry"])
def test_a_directory_with_files_is_filled_only_if_it_is_named_as_the_directory(
    run, here, through_a_link, option
):
    real = here / ("elsewhere" if through_a_link else "notebook")
    real.mkdir()
    (real / "thoughts.txt").write_text("mine")
    if through_a_link:
        (here / "notebook").symlink_to(real)
    before = tree(here)

    assert run("notebook", *option) == (
        1,
        "",
        (
            "Error: notebook/ already has files. Nothing was written. "
            "-> to add the project to them: mtvgen startproject notebook notebook\n"
        ),
    )
    assert tree(here) == before
    assert run("notebook", "notebook")[0] == 0
    assert (real / "urls.py").exists()
    assert (real / "thoughts.txt").read_text() == "mine"


def test_an_empty_directory_of_that_name_is_filled(run, here):
    (here / "notebook").mkdir()

    assert run("notebook")[0] == 0


def test_the_cure_keeps_the_template(run, here, tmp_path):
    (here / "notebook").mkdir()
    (here / "notebook" / "thoughts.txt").write_text("mine")
    folder = template(tmp_path / "my templates", {"a.txt": "", ".git/x": ""})

    error = run("notebook", "--template", folder)[2]

    assert f"mtvgen startproject notebook notebook --template '{folder}'\n" in error
