"""The files of migrations/ as a chain of revisions: read, never executed, without SQLAlchemy.

A migration is a Python file with four things in it, as Alembic defines them:

    revision = "0002_title"
    down_revision = "0001_notes"

    def upgrade() -> None: ...
    def downgrade() -> None: ...
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import ClassVar

from mtvgen.runtime.support.faults import Fault, FaultError
from mtvgen.runtime.support.locations import Location

VERSIONS = "alembic_version"  # the table that keeps the names of applied migrations
LONGEST = 32  # characters of a name; that table holds no more

# The second half alone would answer "No changes." where models/ holds no table.
WRITE_ONE = "write a class in models/, then mtvgen makemigrations"


class MigrationError(FaultError):
    """Migrations can't be read, written or applied; the message is one line.

    Args:
        message: What is wrong, in a sentence.
        cure: What to type or change.
        place: The file of a migration, below the project: `migrations/0002_title.py`; "" for none.
        line: The line there, from 1; 0 for the whole file.
    """

    kind: ClassVar[str] = "migration"

    def __init__(self, message: str, *, cure: str = "", place: str = "", line: int = 0) -> None:
        location = Location(place, line) if place else None
        super().__init__(Fault(self.kind, message, cure, location=location))


class ForkError(MigrationError):
    """Two migrations follow the same one, or both come last."""

    kind = "fork"


@dataclass(frozen=True)
class Revision:
    """One migration.

    Attributes:
        name: What it calls itself, which is its file's name without `.py`.
        follows: What must be applied before: one name; none for the first, several for a merge.
        file: Where it is written.
        line: The line of its `down_revision`, from 1.
    """

    name: str
    follows: tuple[str, ...]
    file: Path
    line: int

    @property
    def place(self) -> str:
        """The file as a person names it: `migrations/0002_title.py`."""
        return f"{self.file.parent.name}/{self.file.name}"


class Revisions:
    """All migrations of a directory, oldest first.

    Args:
        revisions: In any order.

    Raises:
        MigrationError: Two have one name, one follows what is not there, or they form a circle.
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        self.by_name = _by_name(revisions)
        self.order = tuple(self.by_name[name] for name in _sorted(self.by_name))
        followed = {name for revision in self.order for name in revision.follows}
        self.heads = tuple(r.name for r in self.order if r.name not in followed)

    def head(self) -> str | None:
        """Return the newest one; None if there is none.

        Raises:
            MigrationError: There are several.
        """
        if len(self.heads) > 1:
            raise ForkError(self._fork(), cure=self._unfork())
        return self.heads[0] if self.heads else None

    def problem(self) -> str | None:
        """Return what is wrong with the chain, for `mtvgen check`: two that follow the same one."""
        return self._fork() if len(self.heads) > 1 else None

    def missing_from(self, applied: Iterable[str]) -> tuple[str, ...]:
        """Return what a database still lacks, oldest first.

        Args:
            applied: What its version table names: the newest applied, of each branch.
        """
        done = self.up_to(applied)
        return tuple(revision.name for revision in self.order if revision.name not in done)

    def up_to(self, names: Iterable[str]) -> frozenset[str]:
        """Return these revisions, and all that they follow."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.by_name:
                found.add(name)
                waiting.extend(self.by_name[name].follows)
        return frozenset(found)

    def find(self, text: str) -> str | None:
        """Return the revision that a person means.

        A name or its beginning; None for "base" and "zero".

        Raises:
            MigrationError: There is none, or there are several.
        """
        if text in ("base", "zero"):
            return None
        if text in ("head", "heads"):
            return self.head()
        found = [name for name in self.by_name if name == text] or [
            name for name in self.by_name if name.startswith(text)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            meant = " or ".join(sorted(found))
            raise MigrationError(f"{text!r} may be {meant}.", cure="write more of its name")
        raise self._no_migration(text)

    def _no_migration(self, text: str) -> MigrationError:
        names = list(self.by_name)
        if close := get_close_matches(text, names, 1):
            return MigrationError(f"No migration {text!r}. Did you mean {close[0]!r}?")
        if not names:
            return MigrationError(f"No migration {text!r}: there are none yet.", cure=WRITE_ONE)
        known = ", ".join(names)
        cure = "name one of them, or mtvgen migrate for the newest"
        return MigrationError(f"No migration {text!r}. Known: {known}.", cure=cure)

    def _fork(self) -> str:
        first, *others = (self.by_name[name] for name in self.heads)
        names = f"{first.name} and {' and '.join(other.name for other in others)}"
        shared = set(first.follows).intersection(*(other.follows for other in others))
        if shared:
            return f"{names} both follow {min(shared)}."
        return f"{names} both come last."

    def _unfork(self) -> str:
        first, other = (self.by_name[name] for name in self.heads[:2])
        if len(other.follows) <= 1 and set(first.follows) == set(other.follows):
            return f'in {other.place}:{other.line} write down_revision = "{first.name}"'
        names = ", ".join(f'"{name}"' for name in self.heads)
        return f"let one of them follow the other, or a new one both: down_revision = ({names})"


def read_revisions(directory: Path) -> Revisions:
    """Return the migrations of a directory; none where it does not exist.

    Raises:
        MigrationError: A file can't be read, is not Python or not a migration, or they do not form
            a chain.
    """
    files = sorted(directory.glob("*.py")) if directory.is_dir() else []
    return Revisions(_read(file) for file in files if not file.name.startswith(_NO_MIGRATIONS))


# What editors and macOS put next to a file is not part of it: `.#0002_x.py`, `._0002_x.py`.
_NO_MIGRATIONS = (".", "#", "__init__.")


def _read(file: Path) -> Revision:
    place = f"{file.parent.name}/{file.name}"
    try:
        if not file.is_file():  # a pipe or a device would be read without end
            raise MigrationError("is not a regular file.", cure="move it elsewhere", place=place)
        values = _values(file.read_bytes(), str(file))
    except SyntaxError as error:
        raise MigrationError(
            f"SyntaxError: {error.msg}.", cure="fix it", place=place, line=error.lineno or 1
        ) from error
    except (RecursionError, MemoryError) as error:
        message = "is nested too deep."
        raise MigrationError(message, cure="move it elsewhere", place=place) from error
    except (ValueError, OSError) as error:  # NUL bytes; a file that may not be read
        message, cure = f"can't be read: {error}.", "fix it, or move it elsewhere"
        raise MigrationError(message, cure=cure, place=place) from error
    name, own_line = values.get("revision", (None, 0))
    follows, line = values.get("down_revision", (None, 1))
    if not isinstance(name, str) or "down_revision" not in values:
        raise MigrationError(
            "is not a migration: it lacks revision = ... or down_revision = ...",
            cure="write both at its top, or move the file elsewhere",
            place=place,
        )
    if len(name) > LONGEST:
        raise MigrationError(
            f"revision {name!r} has {len(name)} characters, and the table "
            f"that keeps it has room for {LONGEST}.",
            cure="give it a shorter name, and the file too",
            place=place,
            line=own_line,
        )
    return Revision(name, _names(follows), file, line)


def _values(source: bytes, file: str) -> dict[str, tuple[object, int]]:
    """Return the constants that a module assigns, with their lines.

    They are at the top, and to parse all of a long migration takes ten times longer than to
    compile it, which finds the same mistakes.

    Raises:
        SyntaxError, ValueError: It is not Python.
    """
    top, _, rest = source.partition(b"\ndef ")
    try:
        values = dict(_assigned(ast.parse(top, filename=file)))
    except SyntaxError:
        values = {}
    if not rest or not {"revision", "down_revision"} <= values.keys():
        return dict(_assigned(ast.parse(source, filename=file)))
    compile(source, file, "exec", dont_inherit=True)
    return values


def _assigned(tree: ast.Module) -> Iterable[tuple[str, tuple[object, int]]]:
    """Yield the constants that a module's top level assigns, with their lines."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            target, value = node.target, node.value
        else:
            continue
        try:
            yield target.id, (ast.literal_eval(value), node.lineno)
        except ValueError:
            continue  # computed; Alembic's own names never are


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _by_name(revisions: Iterable[Revision]) -> dict[str, Revision]:
    found: dict[str, Revision] = {}
    for revision in revisions:
        other = found.setdefault(revision.name, revision)
        if other is not revision:
            raise MigrationError(
                f"{other.place} and {revision.place} both say revision = {revision.name!r}.",
                cure=_one_too_many(other, revision),
            )
    return found


def _one_too_many(first: Revision, second: Revision) -> str:
    """Return what to do with the one of two that is not named like its file."""
    copy = first if second.file.stem == second.name else second
    if re.fullmatch("[A-Za-z0-9_]+", copy.file.stem):
        return f'in {copy.place} write revision = "{copy.file.stem}"'
    return f"delete {copy.place}, which is a copy"


def _sorted(revisions: Mapping[str, Revision]) -> Iterable[str]:
    """Return the names, each behind what it follows."""
    for revision in revisions.values():
        for name in revision.follows:
            if name not in revisions:
                raise MigrationError(
                    f"it follows {name!r}, which is not there.",
                    cure="get that file back, or change down_revision",
                    place=revision.place,
                    line=revision.line,
                )
    try:
        return tuple(
            TopologicalSorter({r.name: r.follows for r in revisions.values()}).static_order()
        )
    except CycleError as error:
        circle = " and ".join(sorted(set(error.args[1])))
        raise MigrationError(
            f"{circle} follow each other.", cure="change a down_revision"
        ) from None


def next_name(revisions: Revisions, text: str) -> str:
    """Return the name of a new migration: a number and words, `0002_add_title`.

    Args:
        revisions: What is there; the number is one more than the highest.
        text: What it does, in any words.
    """
    numbers = [int(match[0]) for name in revisions.by_name if (match := re.match("[0-9]+", name))]
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "changes"
    return f"{max(numbers, default=0) + 1:04d}_{words}"[:LONGEST].rstrip("_")
