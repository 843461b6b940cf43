"""What becomes of each file at its destination: all of it is decided before the first write."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mtvgen.startproject.destination import Destination, taken

_MOST_OF_GITIGNORE = 256 * 1024  # bytes that are looked at; the longest of GitHub's has 8
_HIDES_ENV = {".env", "/.env", ".env*", "/.env*", "*.env", ".env.*"}


@dataclass(frozen=True)
class Placement:
    """What a project's files will do to their destination.

    Attributes:
        moving: The paths of the files that will be made, sorted, with `/` between folders.
        kept: The user's own files in places where others would have gone.
        joins_files: Whether the directory is there already, with files in it.
        shows_env: Whether git would see .env, because the user's .gitignore does not name it.
    """

    moving: tuple[str, ...]
    kept: tuple[str, ...] = ()
    joins_files: bool = False
    shows_env: bool = False


def place_at(destination: Destination, files: Iterable[str]) -> Placement:
    """Decide what becomes of a project's files, after one look at what is there.

    Args:
        destination: Where they go.
        files: Their paths in the project.

    Raises:
        NothingMade: One of them would overwrite a file, or lead through a link.
        OSError: The directory can't be read.
    """
    files = sorted(files)
    own = [entry.name for entry in destination.path.iterdir()] if destination.exists else []
    if not own:
        return Placement(tuple(files))
    standing = {file: name for file in files if (name := _standing_for(file, own)) is not None}
    moving = tuple(file for file in files if file not in standing)
    _check_free(destination, moving)
    shows_env = (
        ".env" in moving
        and ".gitignore" in standing
        and not _hides_env(destination.path / ".gitignore")
    )
    return Placement(moving, tuple(standing.values()), joins_files=True, shows_env=shows_env)


def _standing_for(file: str, own: list[str]) -> str | None:
    """Return the file of the user's that keeps one of a template's out."""
    if file == ".gitignore" and file in own:
        return file
    if file == "README.md":  # README.rst is as much the user's README
        return next((name for name in own if name.partition(".")[0].lower() == "readme"), None)
    return None


def _check_free(destination: Destination, files: Iterable[str]) -> None:
    # urls.py first: it shows best that there is a project already.
    for file in sorted(files, key=lambda file: file != "urls.py"):
        if os.path.lexists(destination.path / file):
            raise taken(destination.shown / file)
        for folder in Path(file).parents:
            if folder != Path() and _is_blocked(destination.path / folder):
                raise taken(destination.shown / folder)


def _is_blocked(folder: Path) -> bool:
    """Return whether something else is where a folder is needed; a link would lead out."""
    return folder.is_symlink() or (folder.exists() and not folder.is_dir())


def _hides_env(gitignore: Path) -> bool:
    """Return whether the user's own .gitignore keeps the secrets of .env out of git."""
    try:
        # A clone may bring a link to a device or a pipe, which would never end.
        with open(gitignore, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return False
            lines = file.read(_MOST_OF_GITIGNORE).decode("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(line.strip() in _HIDES_ENV for line in lines)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
