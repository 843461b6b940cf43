"""From project_template/ to a project on disk: all of it, or nothing.

    create_project      checks the name and the destination before the first write,
    _rendered           lets cookiecutter render the template into a hidden directory (staging.py),
    _placed             and moves the result to where it belongs.

Whatever fails, Ctrl-C and SIGTERM included, the disk is as it was.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import mtvgen
from mtvgen.errors import MtvgenError, Stopped, UsageError, printable
from mtvgen.startproject.destination import Destination, find_destination, told_by_the_disk
from mtvgen.startproject.names import check_name
from mtvgen.startproject.signals import Signalled, raised_signals
from mtvgen.startproject.staging import merge, staging, sweep


@dataclass(frozen=True)
class Project:
    """A project that was made, or would be.

    Attributes:
        name: What it is called.
        directory: Where it is, as the user wrote it; `Path()` is the current directory.
        files: Its files below there, sorted, with `/` between folders.
        kept: The user's own files that stand where one of the template's would.
        shows_env: Whether git would see .env, because the user's .gitignore does not name it.
    """

    name: str
    directory: Path
    files: tuple[str, ...]
    kept: tuple[str, ...] = ()
    shows_env: bool = False


def create_project(
    name: str,
    directory: str | None = None,
    *,
    template: str | None = None,
    dry_run: bool = False,
) -> Project:
    """Make a project, whole, or leave the disk as it was.

    Args:
        name: What it is called: see `mtvgen.startproject.names`.
        directory: Where it goes, by default a new directory of that name.
            Missing parents are made; one that exists gets the files if none would be overwritten.
        template: A directory with a cookiecutter template, instead of mtvgen's own.
            Its hooks are not run.
        dry_run: Find out what would be made and whether it could be, and make none of it.

    Raises:
        UsageError: The name, the directory or the template can't be meant.
        MtvgenError: The disk or the template is at fault.
        Stopped: A signal came before the project was complete.
    """
    check_name(name)
    destination = find_destination(name if directory is None else directory)
    source = bundled_template() if template is None else _template(template)
    if not dry_run:
        sweep(destination.anchor)  # what a killed run left may be what is in the way
    if destination.exists:
        with told_by_the_disk(destination.shown):
            _check_free(destination, _fixed_files(source))
    try:
        with (
            raised_signals() as signals,
            told_by_the_disk(destination.shown),
            _workshop(destination, dry_run) as workshop,
        ):
            rendered = _rendered(source, name, workshop)
            project = _planned(name, rendered, destination)
            if not dry_run:
                signals.hold()  # from here it takes no longer than the taking back
                _place(rendered, project.files, destination)
            return project
    except Signalled as signal:
        raise Stopped(signal.number, f"stopped by {signal.name}. Nothing was written.") from None


def bundled_template() -> Path:
    """Where mtvgen's own template is: in the checkout that runs, else in the installed package."""
    package = Path(mtvgen.__file__).parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "project_template").is_dir():
        return checkout / "project_template"
    return package / "project_template"


def _template(directory: str) -> Path:
    path = Path(directory)
    if (path / "cookiecutter.json").is_file():
        return path.absolute()
    shown = printable(directory)
    problem = "has no cookiecutter.json" if path.is_dir() else "is not a directory"
    raise UsageError(
        f"'{shown}' is not a template: it {problem}.",
        cure="--template takes the folder that holds cookiecutter.json",
    )


def _fixed_files(source: Path) -> list[str]:
    """Files that the template makes whatever the name: enough to refuse before the first write."""
    folders = [folder for folder in source.glob("*cookiecutter*") if "{{" in folder.name]
    if len(folders) != 1:
        return []  # cookiecutter will choose
    paths = (path.relative_to(folders[0]) for path in folders[0].rglob("*") if path.is_file())
    names = (path.as_posix() for path in paths if "__pycache__" not in path.parts)
    return [name for name in names if "{" not in name]


@contextlib.contextmanager
def _workshop(destination: Destination, dry_run: bool) -> Iterator[Path]:
    """A hidden directory to work in: beside the destination, or far from it if it is only asked."""
    parent = destination.anchor
    if dry_run:
        destination.check_writable()
        parent = Path(tempfile.gettempdir())
        sweep(parent)
    with staging(parent) as hidden:
        yield hidden


def _rendered(source: Path, name: str, workshop: Path) -> Path:
    """The whole project, in the workshop."""
    before = Path.cwd()
    try:
        with _nothing_collected():
            made = _generated(source, name, workshop)
    finally:
        os.chdir(before)  # cookiecutter works in the template's directory
    project = made.rename(workshop / "project")
    for folder in list(project.rglob("__pycache__")):  # pip compiles what it installs
        shutil.rmtree(folder)
    for path in (project, *project.rglob("*")):  # a template may be installed read-only
        mode = path.lstat().st_mode
        if not mode & stat.S_IWUSR:
            path.chmod(mode | stat.S_IWUSR)
    _write_environment(project)
    return project


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Within the block the garbage collector rests: it takes a tenth of the time of the imports.

    They allocate much and free nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _generated(source: Path, name: str, workshop: Path) -> Path:
    """What cookiecutter makes of the template.

    Its main() would read ~/.cookiecutterrc and write ~/.cookiecutter_replay; these three
    functions touch no HOME, ask nothing and import in half the time.
    """
    from cookiecutter.generate import generate_context, generate_files
    from cookiecutter.prompt import prompt_for_config

    settings = source / "cookiecutter.json"
    with _blamed(source, workshop, place=f"{settings.name}: "):
        context = generate_context(str(settings), extra_context={"project_name": name})
        context["cookiecutter"] = prompt_for_config(context, no_input=True)
    with _blamed(source, workshop):
        return Path(generate_files(source, context, workshop, accept_hooks=False))


@contextlib.contextmanager
def _blamed(source: Path, workshop: Path, place: str = "") -> Iterator[None]:
    """Within the block every error but the disk's is the template's fault.

    A template is a program, and may fail in any way.
    """
    try:
        yield
    except Exception as error:
        if _is_of_the_disk(error, workshop):
            raise
        raise MtvgenError(
            f"the template {printable(str(source))} fails: {place}{_fault(error)}. "
            "Nothing was written.",
            cure="mend it",
        ) from error


def _is_of_the_disk(error: Exception, workshop: Path) -> bool:
    # Jinja's TemplateNotFound is an OSError and a LookupError.
    if not isinstance(error, OSError) or isinstance(error, LookupError):
        return False
    files = [str(file) for file in (error.filename, error.filename2) if file is not None]
    return not files or any(file.startswith(str(workshop)) for file in files)


def _fault(error: BaseException) -> str:
    """A template's mistake in one line: its file, the line, and what is wrong there."""
    while error.__cause__ is not None:
        error = error.__cause__
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if file is None:
        file, line = _template_line(error.__traceback__)
    # A name or a setting is a template too, but no file.
    place = f"{file.removeprefix('./')}:{line}: " if file and line and file != "<template>" else ""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    unknown = re.sub(
        r"'collections\.OrderedDict.*attribute '(\w+)'", r"cookiecutter.\1 is unknown", text
    )
    return printable(place + unknown)


def _template_line(traceback: TracebackType | None) -> tuple[str | None, int]:
    """The innermost frame of a template; Jinja gives such frames its own file and line."""
    found: tuple[str | None, int] = (None, 0)
    while traceback is not None:
        if "__jinja_exception__" in traceback.tb_frame.f_globals:
            found = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _write_environment(project: Path) -> None:
    """The project's .env: the settings of .env.example, with a fresh SECRET_KEY.

    It is no part of the template: the template's own .gitignore would hide it from git,
    and plain cookiecutter has no secrets to give.
    """
    example, environment = project / ".env.example", project / ".env"
    if not example.is_file() or environment.exists():
        return
    settings = [
        f"SECRET_KEY={secrets.token_urlsafe(48)}" if line.startswith("SECRET_KEY=") else line
        for line in example.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    # Only the owner may read a secret, from the first byte on.
    descriptor = os.open(environment, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(settings) + "\n")


def _planned(name: str, rendered: Path, destination: Destination) -> Project:
    """What will be made, after a look at what is there.

    Raises:
        MtvgenError: A file would be overwritten.
    """
    found = [path for path in rendered.rglob("*") if path.is_symlink() or not path.is_dir()]
    files = sorted(path.relative_to(rendered).as_posix() for path in found)
    kept = _check_free(destination, files)
    moving = tuple(file for file in files if file not in kept)
    shows_env = ".env" in moving and ".gitignore" in kept and not destination.hides_env()
    return Project(name, destination.shown, moving, tuple(kept.values()), shows_env)


def _check_free(destination: Destination, files: Collection[str]) -> dict[str, str]:
    """The files that stay out, if there is room for the others."""
    kept = destination.kept(files)
    if destination.exists:
        destination.check_free(file for file in files if file not in kept)
    return kept


def _place(rendered: Path, files: tuple[str, ...], destination: Destination) -> None:
    if destination.exists:
        merge(rendered, destination.path, files)
        return
    # By one rename, in which parents that are missing appear with it. It never replaces anything
    # but an empty directory that has come into being since.
    first, *inner = destination.path.relative_to(destination.anchor).parts
    tree = rendered
    for depth, folder in enumerate(reversed(inner)):
        outer = rendered.with_name(f"outer-{depth}")
        outer.mkdir()
        tree = tree.rename(outer / folder).parent
    tree.rename(destination.anchor / first)
