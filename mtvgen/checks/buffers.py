"""Texts that are handed in, in place of files: what an editor holds and has not saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from mtvgen.checks.files import Stamp


class Buffers:
    """The open texts of an editor; a file that exists only as one of them exists."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[int, str]] = {}
        self._serials = count(1)

    def put(self, path: Path, text: str) -> None:
        """Hand a text in.

        Args:
            path: The file that it stands for, absolute.
            text: All of it; a byte order mark does not count.
        """
        self._texts[str(path)] = (next(self._serials), text.removeprefix("\ufeff"))

    def forget(self, path: Path) -> None:
        """Go back to what is on the disk."""
        self._texts.pop(str(path), None)

    def text(self, path: str | Path) -> str | None:
        """Return the text of a file; None where it is not open."""
        held = self._texts.get(str(path))
        return held[1] if held is not None else None

    def stamp(self, path: str | Path) -> Stamp:
        """Return the version of a text, which no file on the disk has.

        None if it is not open.
        """
        held = self._texts.get(str(path))
        return (-held[0], len(held[1])) if held is not None else None

    def below(self, directory: str | Path) -> Iterator[str]:
        """Return the paths of the texts in a directory, at any depth."""
        start = f"{directory}{os.sep}"
        return (path for path in self._texts if path.startswith(start))
