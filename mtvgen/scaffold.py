"""From project_template/ to a project on disk: all of it, or nothing.

    create_project      checks the name and the target before the first write,
    _rendered           lets cookiecutter render the template into a hidden directory (staging.py),
    _placed             and moves the result to where it belongs.

Whatever fails, Ctrl-C and SIGTERM included, the disk is as it was.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mtvgen
from mtvgen.errors import MtvgenError, Stopped, UsageError, printable
from mtvgen.names import check_name
from mtvgen.signals import Signalled, Signals, raised_signals
from mtvgen.staging import appear, merge, staging

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True)
class Project:
    """A project that was made, or would be.

    Attributes:
        name: What it is called.
        directory: Where it is, as the user wrote it; `Path()` is the current directory.
        files: Its files below there, `/` between folders, in the order of a sorted listing.
        kept: The user's own files that stand in the place of one of the template's.
        unguarded: Whether the user's .gitignore lets git see .env.
    """

    name: str
    directory: Path
    files: tuple[str, ...]
    kept: tuple[str, ...] = ()
    unguarded: bool = False


@dataclass(frozen=True)
class _Target:
    """Where a project goes.

    Attributes:
        shown: As the user wrote it.
        path: In full.
        anchor: The nearest directory that exists, itself or above: the hidden one is made there.
    """

    shown: Path
    path: Path
    anchor: Path

    @property
    def exists(self) -> bool:
        return self.anchor == self.path


def create_project(
    name: str,
    directory: str | None = None,
    *,
    template: str | None = None,
    dry_run: bool = False,
) -> Project:
    """Make a project, whole, or leave the disk as it was.

    Args:
        name: What it is called: see `mtvgen.names`.
        directory: Where it goes, by default a new directory of that name.
            Missing parents are made; one that exists gets the files if none would be overwritten.
        template: A directory with a cookiecutter template instead of mtvgen's own.
            Its hooks are not run.
        dry_run: Find out what would be made and whether it could be, and write none of it.

    Raises:
        UsageError: The name, the directory or the template can't be meant.
        MtvgenError: The disk or the template is at fault.
        Stopped: A signal came before the project was complete.
    """
    check_name(name)
    target = _find_target(name if directory is None else directory)
    source = _find_template(template)
    try:
        with (
            raised_signals() as signals,
            _disk_trouble(target),
            _workshop(target, dry_run) as workshop,
        ):
            project = _rendered(source, name, workshop)
            return _placed(project, name, target, signals, dry_run=dry_run)
    except Signalled as signal:
        raise Stopped(signal.number, f"stopped by {signal.name}. Nothing was written.") from None


def bundled_template() -> Path:
    """Where mtvgen's own template is: in the checkout that runs, else in the installed package."""
    package = Path(mtvgen.__file__).parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "project_template").is_dir():
        return checkout / "project_template"
    return package / "project_template"


def _find_target(directory: str) -> _Target:
    """The directory that was meant, refused where nothing could be made."""
    if not directory:
        raise UsageError("the directory is empty.", cure="mtvgen startproject mysite")
    shown = Path(directory)
    try:
        path = Path.cwd() / shown
        for part in (path, *path.parents):
            if part.is_symlink() and not part.exists():
                raise _taken(part if part != path else shown, "is a link to nothing")
        path = path.resolve()
        anchor = next(part for part in (path, *path.parents) if os.path.lexists(part))
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        raise _disk_error(shown, error) from error
    if not anchor.is_dir():
        raise _taken(shown if anchor == path else anchor, "is not a directory")
    return _Target(shown, path, anchor)


def _find_template(template: str | None) -> Path:
    if template is None:
        return bundled_template()
    path = Path(template).absolute()
    if not (path / "cookiecutter.json").is_file():
        raise UsageError(
            f"{printable(template)!r} is not a template: it has no cookiecutter.json."
            if path.is_dir()
            else f"{printable(template)!r} is not a directory.",
            cure="give the folder that holds cookiecutter.json",
        )
    return path


@contextlib.contextmanager
def _workshop(target: _Target, dry_run: bool) -> Iterator[Path]:
    """A directory to work in, gone at the end: far from the target if nothing shall be written."""
    if dry_run:
        with tempfile.TemporaryDirectory(prefix="mtvgen-") as path:
            yield Path(path)
    else:
        with staging(target.anchor) as hidden:
            yield hidden


def _rendered(source: Path, name: str, workshop: Path) -> Path:
    """The template as a project in the workshop, with the settings of this machine.

    cookiecutter.main would read ~/.cookiecutterrc and write ~/.cookiecutter_replay;
    its generator touches no HOME. It works in the template's directory meanwhile.
    """
    before = Path.cwd()
    try:
        made = Path(_generated(source, name, workshop))
    finally:
        os.chdir(before)
    project = made.rename(workshop / "project")
    for folder in list(project.rglob("__pycache__")):  # pip compiles what it installs
        shutil.rmtree(folder)
    _write_environment(project)
    return project


def _generated(source: Path, name: str, workshop: Path) -> str:
    """What cookiecutter makes of the template, and its complaints as ours."""
    from cookiecutter.generate import generate_context, generate_files
    from cookiecutter.prompt import prompt_for_config

    try:
        context = generate_context(
            str(source / "cookiecutter.json"), extra_context={"project_name": name}
        )
        context["cookiecutter"] = prompt_for_config(context, no_input=True)
        return str(generate_files(source, context, workshop, accept_hooks=False))
    except OSError:
        raise  # the disk's fault, told by _disk_trouble
    except Exception as error:  # a template is a program, and may fail in any way
        raise MtvgenError(
            f"the template {printable(str(source))} fails: {_fault(error)}. Nothing was written.",
            cure="mend the template",
        ) from error


def _fault(error: Exception) -> str:
    """A template's mistake in one line: the file, the line, and what is wrong there."""
    cause = getattr(error, "error", error)  # cookiecutter wraps Jinja's UndefinedError
    place = ""
    if getattr(error, "lineno", None):
        place = f"{getattr(error, 'filename', None) or getattr(error, 'name', '')}:{error.lineno}: "  # type: ignore[attr-defined]
    text = " ".join(str(cause).split()) or "nothing is known"
    return printable(f"{place}{type(cause).__name__}: {text}").rstrip(".")


def _write_environment(project: Path) -> None:
    """The project's .env: what .env.example holds, with a fresh SECRET_KEY.

    It is no part of the template, because the template's .gitignore would hide it from git,
    and because plain cookiecutter has no secrets to give.
    """
    example, environment = project / ".env.example", project / ".env"
    if not example.is_file() or environment.exists():
        return
    lines = [
        f"SECRET_KEY={secrets.token_urlsafe(48)}" if line.startswith("SECRET_KEY=") else line
        for line in example.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    # Only the owner may read a secret, from the first byte on.
    descriptor = os.open(environment, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _placed(
    project: Path, name: str, target: _Target, signals: Signals, *, dry_run: bool
) -> Project:
    """The project where it belongs; with `dry_run`, only whether it could go there."""
    files = _files(project)
    kept = tuple(file for file in files if _stays(target.path, file)) if target.exists else ()
    moving = tuple(file for file in files if file not in kept)
    if target.exists:
        _check_free(target, moving)
    unguarded = ".env" in moving and ".gitignore" in kept and not _hides_env(target.path)
    if not dry_run:
        signals.hold()
        _move(project, target, moving)
    return Project(name, _shown(target), moving, kept, unguarded)


def _move(project: Path, target: _Target, files: tuple[str, ...]) -> None:
    try:
        if target.exists:
            merge(project, target.path, files)
            return
        # Parents that are missing appear with it, by the same rename.
        first, *inner = target.path.relative_to(target.anchor).parts
        top = project
        for folder in reversed(inner):
            top = _wrapped(top, folder)
        appear(top, target.anchor / first)
    except OSError as error:
        if error.errno in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}:
            raise _taken(target.shown, "was made by another program meanwhile") from error
        raise


def _wrapped(top: Path, name: str) -> Path:
    """A directory in a new one, which takes its place."""
    outer = top.with_name(f"{len(top.name)}-{top.name}"[:200])
    outer.mkdir()
    top.rename(outer / name)
    return outer


def _files(project: Path) -> tuple[str, ...]:
    found = (path for path in project.rglob("*") if path.is_symlink() or not path.is_dir())
    return tuple(sorted(path.relative_to(project).as_posix() for path in found))


def _stays(target: Path, file: str) -> bool:
    """Whether the user's own file takes the place of the template's: a README, a .gitignore."""
    if file == ".gitignore":
        return os.path.lexists(target / file)
    if file.lower() == "readme.md":
        return any(entry.name.lower().split(".")[0] == "readme" for entry in target.iterdir())
    return False


def _check_free(target: _Target, files: tuple[str, ...]) -> None:
    """Nothing, if every file can be made without touching what is there."""
    # urls.py first: it tells best that there is a project already.
    for file in sorted(files, key=lambda file: file != "urls.py"):
        path = target.path / file
        if os.path.lexists(path):
            raise _taken(target.shown / file, "already exists")
        for folder in path.relative_to(target.path).parents:
            inside = target.path / folder
            if (
                folder != Path()
                and os.path.lexists(inside)
                and (inside.is_symlink() or not inside.is_dir())
            ):
                raise _taken(target.shown / folder, "already exists")


def _hides_env(target: Path) -> bool:
    try:
        lines = (target / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.strip() in {".env", "/.env", ".env*", "*.env", "/.env*"} for line in lines)


def _shown(target: _Target) -> Path:
    return Path() if target.path == Path.cwd() else target.shown


def _taken(path: Path, what: str) -> MtvgenError:
    return MtvgenError(
        f"{printable(str(path))} {what}. Nothing was written.", cure="choose another directory"
    )


@contextlib.contextmanager
def _disk_trouble(target: _Target) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _disk_error(target.shown, error) from error


def _disk_error(shown: Path, error: OSError | RuntimeError) -> MtvgenError:
    """What the operating system says, about the directory that the user named."""
    number = error.errno if isinstance(error, OSError) else errno.ELOOP
    reason = os.strerror(number) if number else str(error)
    return MtvgenError(
        f"{printable(str(shown))}: {reason}. Nothing was written.",
        cure="make room on the disk" if number in _NO_ROOM else "choose another directory",
    )
