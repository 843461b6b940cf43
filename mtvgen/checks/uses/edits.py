"""A text, and a project, as they will be after some edits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Text
from mtvgen.checks.report import Edit


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
