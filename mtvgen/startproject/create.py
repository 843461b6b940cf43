"""From project_template/ to a project on disk: all of it, or nothing.

    find_destination    which directory was meant, and that it can be written (destination.py),
    render_project      cookiecutter renders the template in memory (rendering.py),
    place_at            what becomes of each file there is decided, in one value (placement.py),
    _place              they are written into a hidden directory and appear (staging.py).

Each hands its value on to the next. Whatever fails, Ctrl-C and SIGTERM included, the disk is as
it was.
"""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from mtvgen.bundled import bundled
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.disk.signals import Signalled, Signals, raised_signals
from mtvgen.errors import Stopped, UsageError, printable
from mtvgen.startproject.chosen_template import ChosenTemplate
from mtvgen.startproject.destination import (
    UNTOUCHED,
    Destination,
    NothingMade,
    find_destination,
    os_errors_as_cli_errors,
)
from mtvgen.startproject.names import check_name
from mtvgen.startproject.placement import Placement, place_at
from mtvgen.startproject.rendering import (
    RenderedFile,
    RenderedProject,
    TemplateError,
    render_project,
)
from mtvgen.startproject.staging import merge, staging, sweep, write

# What is true of a template that is not mtvgen's own: its code may have written anything anywhere.
UNTOUCHED_BY_MTVGEN = "mtvgen itself wrote nothing."


@dataclass(frozen=True)
class NewProject:
    """A project that was made, or would be.

    Attributes:
        name: What it is called.
        directory: Where it is, as the user wrote it; `Path()` is the current directory.
        placement: Which of its files are there, and which of the user's own stayed.
        template: The template of the user's own that made it, with what was left out of it.
    """

    name: str
    directory: Path
    placement: Placement
    template: ChosenTemplate | None = None


def create_project(
    name: str,
    directory: str | None = None,
    *,
    template: str | None = None,
    dry_run: bool = False,
) -> NewProject:
    """Make a project, whole, or leave the disk as it was.

    Args:
        name: What it is called: see `mtvgen.startproject.names`.
        directory: Where it goes, by default a new directory of that name, or an empty one.
            Missing parents are made; one that exists gets the files if none would be overwritten.
        template: A directory with a cookiecutter template, instead of mtvgen's own.
            Its hooks are not run. The code in its files and in cookiecutter.json is.
        dry_run: Find out what would be made and whether it could be, and touch nothing.

    Raises:
        UsageError: The name, the directory or the template can't be meant.
        NothingMade: The disk or the template is at fault.
        Stopped: A signal came before the project was complete.
    """
    check_name(name)
    source = bundled("project_template") if template is None else _template(template)
    untouched = UNTOUCHED if template is None else UNTOUCHED_BY_MTVGEN
    try:
        with raised_signals() as signals:
            destination = find_destination(name if directory is None else directory)
            if not dry_run:
                sweep(destination.anchor)  # what a killed run left may be what is in the way
            rendered = _rendered(source, name)
            with os_errors_as_cli_errors(destination.shown):
                placement = place_at(destination, rendered.files)
                if placement.joins_files and directory is None:
                    raise _unasked(name, template)
                if not dry_run:
                    _place(rendered, placement, destination, signals)
            chosen = None if template is None else rendered.template
            return NewProject(name, destination.shown, placement, chosen)
    except NothingMade as error:
        raise error.with_another(untouched) from error.__cause__
    except Signalled as signal:
        raise Stopped(signal.number, f"stopped by {signal.name}. {untouched}") from None


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


def _rendered(source: Path, name: str) -> RenderedProject:
    """Return the whole project, in memory."""
    try:
        return _with_environment(render_project(source, name))
    except TemplateError as error:
        raise NothingMade(
            f"the template {printable(str(source))} fails: {error}.", cure="fix the template"
        ) from error


def _with_environment(project: RenderedProject) -> RenderedProject:
    """Return a project with its .env: the settings of .env.example, with a fresh SECRET_KEY.

    It is not part of the template: the template's own .gitignore would hide it from git,
    and plain cookiecutter has no secrets to give.
    """
    example = project.files.get(".env.example")
    if example is None or ".env" in project.files:
        return project
    settings = [
        f"SECRET_KEY={secrets.token_urlsafe(48)}".encode() if line[:11] == b"SECRET_KEY=" else line
        for line in example.content.splitlines()
        if line and not line.startswith(b"#")
    ]
    # Only the owner may read a secret.
    environment = RenderedFile(b"\n".join(settings) + b"\n", 0o600)
    return replace(project, files={**project.files, ".env": environment})


def _unasked(name: str, template: str | None) -> NothingMade:
    """Return the error for a directory with files that nobody has asked to be filled."""
    command = ["mtvgen", "startproject", name, name]
    command += [] if template is None else ["--template", template]
    return NothingMade(
        f"{name}/ already has files.",
        cure=f"to add the project to them: {printable(shlex.join(command))}",
    )


def _place(
    rendered: RenderedProject, placement: Placement, destination: Destination, signals: Signals
) -> None:
    with OpenDirectory.at(destination.anchor) as anchor, staging(anchor) as hidden:
        # The missing part of a new target: its parents appear with it, by one rename. It never
        # replaces anything but an empty directory that has come into being since.
        write(rendered, hidden, destination.missing[1:])
        signals.hold()  # from here it takes no longer than the taking back
        if destination.exists:
            merge(hidden, anchor, placement.moving)
        else:
            anchor.take("project", hidden, destination.missing[0])
