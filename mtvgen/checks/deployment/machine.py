"""The machine of a site in production: its database, the disk below it, its git repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtvgen.checks.files import is_file
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, fault_problem
from mtvgen.runtime.support.locations import shown

# File systems of another machine's disk, on which the locks of SQLite do not hold
# (https://sqlite.org/lockingv3.html, section 6.0).
_NETWORK = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "gfs2", "lustre"}
    | {"ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs"}
)
_GIT_TIMEOUT = 10  # seconds; git answers from its index, unless a disk sleeps
_SETTINGS = Place.at("settings.py")
_USE_SERVER = "Set DATABASE_URL to a file on a disk of this machine, or to PostgreSQL."


def machine_problems(root: Path, database: Any) -> Iterator[Problem]:
    """Yield the obstacles to running a project in production that are not in its files.

    Args:
        root: The project's directory.
        database: What `models/__init__.py` calls `database`; None if there is none.
    """
    yield from _repository_problems(root)
    if not hasattr(database, "temporarily"):  # asked so, because a class would have to be imported
        return
    if database.file is not None:
        yield from _disk_problems(database.file)
    yield from _database_problems(database)


def _repository_problems(root: Path) -> Iterator[Problem]:
    git = shutil.which("git")
    if git is None or not (root / ".env").exists():
        return
    command = [git, "-C", str(root), "ls-files", "--error-unmatch", ".env"]
    try:
        asked = subprocess.run(command, capture_output=True, timeout=_GIT_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    if asked.returncode == 0:
        message = "git tracks this file, so whoever has the repository has its SECRET_KEY."
        hint = "-> git rm --cached .env, and set a new SECRET_KEY"
        yield Problem("project.env-tracked", Place.at(".env"), message, hint)


def _disk_problems(file: Path) -> Iterator[Problem]:
    """Yield the obstacles to SQLite.

    It writes its log next to the file, so the directory counts too.
    """
    directory = file.parent
    for path in (file, directory) if is_file(file) else (directory,):
        if not os.access(path, os.W_OK):
            message = f"the database {shown(str(file))} can't be written: {shown(str(path))} "
            message += "is read-only for this user." if os.path.exists(path) else "does not exist."  # noqa: PTH110
            hint = "Let the user of the server write the file and its directory."
            yield Problem("project.database-read-only", _SETTINGS, message, hint)
            break
    kind = file_system_of(directory, Path("/proc/self/mountinfo"))
    if kind in _NETWORK:
        message = f"the database {shown(str(file))} is on {kind}, where SQLite's locks don't hold."
        yield Problem("project.database-network", _SETTINGS, message, _USE_SERVER)


def file_system_of(directory: Path, mounts: Path) -> str | None:
    """Return the type of the file system that holds a directory.

    None where the system does not say.

    Args:
        directory: An absolute path.
        mounts: The list of mounts, as proc_pid_mountinfo(5) describes it.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    real = directory.resolve()
    nearest, kind = "", None
    for line in lines:
        before, _, after = line.partition(" - ")
        # Blanks and their like are written as octal escapes.
        place = before.split()[4].encode().decode("unicode_escape")
        if real.is_relative_to(place) and len(place) >= len(nearest):
            nearest, kind = place, after.split()[0]
    return kind


def _database_problems(database: Any) -> Iterator[Problem]:
    """Report a database that does not exist. What an existing one lacks is asked each time."""
    from mtvgen.runtime.migrations.applied import applied_revisions
    from mtvgen.runtime.models.faults import DatabaseFault

    try:
        if not database.exists:
            message = f"the database {shown(str(database.file))} does not exist."
            yield Problem("project.not-migrated", _SETTINGS, message, "-> mtvgen migrate")
        applied_revisions(database)  # whether it answers
    except DatabaseFault as error:
        yield fault_problem("project.database", _SETTINGS, error.fault)
