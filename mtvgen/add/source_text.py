"""A text file as its owner wrote it: byte order mark, line ends and a missing last one stay."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# What Python ends a line at; str.splitlines() also does it at form feeds, which are in lines.
_LINE_END = re.compile(r"\r\n|\n|\r")


class NotPlacedError(Exception):
    """The place for an edit can't be found; the message says why, so that it follows a colon."""


@dataclass(frozen=True)
class SourceText:
    """The text of a file.

    Attributes:
        text: Without the byte order mark, and with the line ends that it has.
        mark: The byte order mark, or nothing.
    """

    text: str
    mark: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> SourceText:
        """Return the text of a file's bytes.

        Raises:
            NotPlacedError: They are not UTF-8.
        """
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        try:
            return cls(data[len(mark) :].decode(), mark)
        except UnicodeDecodeError as error:
            raise NotPlacedError("it is not UTF-8") from error

    @property
    def newline(self) -> str:
        """The end of its first line; a line feed where it has one line."""
        match = _LINE_END.search(self.text)
        return match[0] if match else "\n"

    def offset(self, line: int, column: int) -> int:
        """Return where a place of a syntax tree is.

        Args:
            line: From 1.
            column: In bytes of UTF-8, from 0, as `ast` counts.

        Returns:
            The number of characters before it.
        """
        starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        start = starts[line - 1]
        return start + len(self.text[start:].encode()[:column].decode())

    def line_end(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line end."""
        match = _LINE_END.search(self.text, offset)
        return match.start() if match else len(self.text)

    def indent_of(self, offset: int) -> str | None:
        """Return the blanks before an offset in its line; None if there is more than blanks."""
        before = re.split(_LINE_END, self.text[:offset])[-1]
        return before if not before.strip(" \t") else None

    def with_insertions(self, insertions: list[tuple[int, str]]) -> bytes:
        r"""Return the bytes of the file with texts inserted; their "\n" becomes its line end."""
        return self.with_replacements([(start, start, text) for start, text in insertions])

    def with_replacements(self, replacements: list[tuple[int, int, str]]) -> bytes:
        r"""Return the bytes of the file with parts replaced; a "\n" becomes its line end.

        Args:
            replacements: Each with the offsets of its start and its end, and the new text. Of
                several at one offset, the first one comes first.
        """
        text = self.text
        in_order = sorted(replacements, key=lambda each: each[0])
        for start, end, new in reversed(in_order):
            text = text[:start] + new.replace("\n", self.newline) + text[end:]
        return self.mark + text.encode()
