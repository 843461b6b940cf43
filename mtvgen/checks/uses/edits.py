"""Edits that rename something, and a text and a project as they will be after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Text
from mtvgen.checks.report import Edit
from mtvgen.records import record


@record(frozen=True)
class Renaming:
    """What renaming changes.

    Attributes:
        edits: What is to be written instead, sorted by place.
        moves: Files that get another name: their paths below the project, old and new.
        unsure: Why somebody should look at it first, a sentence each; none where all is known.
        doubtful: More edits, of places that may mean something else: somebody has to say so.
    """

    edits: tuple[Edit, ...]
    moves: tuple[tuple[str, str], ...] = ()
    unsure: tuple[str, ...] = ()
    doubtful: tuple[Edit, ...] = ()


@record(frozen=True)
class Refusal:
    """Why something can't be renamed: a sentence."""

    reason: str


@contextmanager
def project_with(root: Path, cache: Cache, by_file: Mapping[str, Sequence[Edit]]) -> Iterator[None]:
    """Let a project be as it will be after some edits, for a moment."""
    files, paths = cache.files, {file: root / file for file in by_file}
    held = {path: files.read(path) for path in paths.values() if files.is_open(path)}
    try:
        for file, path in paths.items():
            text = files.read(path).decode("utf-8-sig", "replace")
            files.put(path, edited(Text(file, text), by_file[file]))
        yield
    finally:
        for path in paths.values():
            if path in held:
                files.put(path, held[path].decode())
            else:
                files.forget(path)


def edited(text: Text, edits: Iterable[Edit]) -> str:
    """Return a text after some edits in it, which do not overlap."""
    result = text.text
    for edit in sorted(edits, key=lambda edit: edit.place, reverse=True):
        place = edit.place
        start, end = text.offset(*place[1:3]), text.offset(*place[3:5])
        result = f"{result[:start]}{edit.text}{result[end:]}"
    return result
