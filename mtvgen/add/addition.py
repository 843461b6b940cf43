"""An addition to a project as a value, and what it comes to in one project."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mtvgen.add.conflicts import cure_of, refuse_conflicts, refuse_links
from mtvgen.add.moving import Move
from mtvgen.add.source_text import NotPlacedError, SourceText
from mtvgen.checks.python.sources import Sources
from mtvgen.errors import printable
from mtvgen.runtime.migrations.revisions import MigrationError, next_name, read_revisions
from mtvgen.startproject.destination import NothingMade


@dataclass(frozen=True)
class Edit:
    """An edit of a file that the project has already.

    Attributes:
        file: Its path in the project, with `/` between folders.
        line: What it adds, for whoever has to type it.
        place: Where that goes: `at the end of urlpatterns`.
        edited: Returns the bytes of the file with it; the same where it is there already.
            Raises NotPlacedError if it can't find the place.
        meanwhile: Returns the bytes that the file has until all others are there, with which the
            project runs as before; None where that is true of `edited`.
        is_needed: Whether the rest fails without it.
        served: New files that are left out where it has no place.
        imported: The dotted name that it is about: where the place was not found and a file of
            the project imports that, its owner has written the line already.
    """

    file: str
    line: str
    place: str
    edited: Callable[[bytes], bytes]
    meanwhile: Callable[[bytes], bytes] | None = None
    is_needed: bool = True
    served: tuple[str, ...] = ()
    imported: str = ""


@dataclass(frozen=True)
class Addition:
    """An addition to a project.

    Attributes:
        name: What it is called in sentences: `accounts`.
        files: Its new files, by their paths in the project.
        edits: Its edits, in the order in which they are moved in.
        tests: Its own tests: paths among `files`.
        migration: What the migration for its tables is called; "" if it has none.
    """

    name: str
    files: Mapping[str, bytes]
    edits: tuple[Edit, ...] = ()
    tests: tuple[str, ...] = ()
    migration: str = ""


@dataclass(frozen=True)
class Unplaced:
    """An edit whose place was not found.

    Attributes:
        edit: The edit.
        reason: Why, so that it follows a colon.
    """

    edit: Edit
    reason: str

    def __str__(self) -> str:
        edit = self.edit
        sentences = [f"{edit.file}: {self.reason}. Add {edit.place}: {edit.line}"]
        sentences += [f"Without it, {file} is left out." for file in edit.served]
        return printable(" ".join(sentences))


@dataclass(frozen=True)
class Plan:
    """All that an addition changes in one project.

    Attributes:
        moves: The files to move in: new ones, then edited ones.
        unplaced: The edits that the user has to make.
        tests: The new tests.
        migration: The migration that is made when it is proved; "" if none is needed.
        closed: The patterns of the user's own routes that visitors may not use, once it is proved.
        is_tested: Whether tests were run.
    """

    moves: tuple[Move, ...]
    unplaced: tuple[Unplaced, ...] = ()
    tests: tuple[str, ...] = ()
    migration: str = ""
    closed: tuple[str, ...] = ()
    is_tested: bool = False

    @property
    def is_there(self) -> bool:
        """Whether the project has all of it already that is needed."""
        return not self.moves

    @property
    def new(self) -> tuple[str, ...]:
        """The paths of the new files."""
        new = {move.file for move in self.moves if move.before is None}
        return tuple(sorted(new | {self.migration} - {""}))

    def changed_lines(self) -> Iterator[str]:
        """Yield each edited file with the numbers of the lines that are new or another.

        `urls.py:3, 5, 12-14`.
        """
        for move in self.moves:
            if move.before is not None:
                old, new = (_lines(data) for data in (move.before, move.content))
                matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
                ranges = [
                    f"{first + 1}" if last - first == 1 else f"{first + 1}-{last}"
                    for tag, _, _, first, last in matcher.get_opcodes()
                    if tag != "equal" and last > first
                ]
                yield f"{move.file}:{', '.join(ranges)}"

    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff of the edited files."""
        for move in self.moves:
            if move.before is not None:
                yield from difflib.unified_diff(
                    _lines(move.before),
                    _lines(move.content),
                    f"a/{move.file}",
                    f"b/{move.file}",
                    lineterm="",
                )


def plan_addition(root: Path, addition: Addition) -> Plan:
    """Return what an addition changes in a project; nothing is written.

    A new file that is there byte for byte is taken for its own, as after a run that was killed.

    Raises:
        NothingMade: A file of the user's own is in the way, or the place of an edit that the rest
            needs was not found.
    """
    refuse_links(root, [*addition.files, *(edit.file for edit in addition.edits)])
    edits, unplaced = _edits(root, addition)
    needed = [each for each in unplaced if each.edit.is_needed]
    is_edited = not needed and not any(edit.is_needed for edit, _ in edits)
    left_out = {file for each in unplaced for file in each.edit.served}
    files = {file: data for file, data in addition.files.items() if file not in left_out}
    missing = [file for file in files if not os.path.lexists(root / file)]
    others = [
        file
        for file, content in files.items()
        if file not in missing and _bytes(root / file) != content
    ]
    if is_edited and (others or not missing):
        return Plan(())  # it was added before, and its owner may have changed or deleted some
    refuse_conflicts(root, files)
    if others:
        raise NothingMade(f"{printable(others[0])} already exists.", cure=cure_of(others[0]))
    if needed:
        text = "\n".join(map(str, needed))
        raise NothingMade(
            f"the place of {counted(len(needed), 'line')} was not found.\n{text}\n",
            cure="type what is listed above, then the same command again",
        )
    new = tuple(Move(file, files[file]) for file in sorted(missing))
    moves = (*new, *(move for _, move in edits))
    tests = tuple(test for test in addition.tests if test not in left_out)
    return Plan(moves, tuple(unplaced), tests, _migration(root, addition))


def _migration(root: Path, addition: Addition) -> str:
    """Return the file of the migration that is still to be made; "" if there is none."""
    directory = root / "migrations"
    if not addition.migration or any(directory.glob(f"*_{addition.migration}.py")):
        return ""
    try:
        name = next_name(read_revisions(directory), addition.migration)
    except MigrationError as error:
        raise NothingMade(
            printable(error.fault.sentence), cure=printable(error.fault.cure)
        ) from error
    return f"migrations/{name}.py"


def _edits(root: Path, addition: Addition) -> tuple[list[tuple[Edit, Move]], list[Unplaced]]:
    """Return the edits that are still to be made, and those that have no place."""
    moves: list[tuple[Edit, Move]] = []
    unplaced: list[Unplaced] = []
    for edit in addition.edits:
        before = _bytes(root / edit.file)
        try:
            if before is None:
                raise NotPlacedError(_why_not_a_file(root / edit.file))
            content = edit.edited(before)
            meanwhile = edit.meanwhile(before) if edit.meanwhile else None
        except NotPlacedError as error:
            if not edit.imported or not _is_imported(root, edit.imported):
                unplaced.append(Unplaced(edit, str(error)))
            continue
        if content != before:
            moves.append((edit, Move(edit.file, content, before, meanwhile)))
    return moves, unplaced


def _why_not_a_file(path: Path) -> str:
    return "it is a link, which is not followed" if path.is_symlink() else "it is missing"


def _is_imported(root: Path, name: str) -> bool:
    """Return whether a file of the project imports a dotted name."""
    sources = Sources(root)
    sources.refresh()
    return any(name in module.names.values() for module in sources.modules.values())


def _bytes(path: Path) -> bytes | None:
    """Return what a file holds; None for what is not a regular file, such as a link."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _lines(data: bytes) -> list[str]:
    return SourceText.read(data).text.splitlines()


def counted(count: int, noun: str) -> str:
    """Return a number of things: `1 line`, `2 lines`."""
    return f"{count} {noun}{'s' * (count != 1)}"
