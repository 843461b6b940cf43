"""The source around a place that failed, with what failed there marked."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from types import CodeType

_CONTEXT = 3  # lines before and after the one that failed
_LONGEST_HEAD = 50  # lines of decorators above a definition

_UNKNOWN = (None, None, None, None)

# Where something is written: its first and last line, and the characters in them, from 0.
Span = tuple[int, int, int, int]


@dataclass(frozen=True)
class SourceLine:
    """A line of source around the one that failed.

    Attributes:
        number: The line's number, from 1.
        text: The line, without its end.
        failed: It is the one that failed, or the first of those.
        begin: The first character of what failed in it, from 0.
        end: The one behind its last; where nothing more than the line is known, the same.
    """

    number: int
    text: str
    failed: bool
    begin: int = 0
    end: int = 0

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before what failed, what failed, and the text behind it."""
        return self.text[: self.begin], self.text[self.begin : self.end], self.text[self.end :]

    @property
    def carets(self) -> str:
        """`    ^^^^^` for the line below it, where only letters are at hand; empty without."""
        before, marked, _ = self.parts
        blanks = "".join("\t" if letter == "\t" else " " for letter in before)
        return blanks + "^" * len(marked) if marked else ""


def source_around(file: str, line: int, span: Span | None = None) -> tuple[SourceLine, ...]:
    """Return the lines around one; empty where the file can't be read.

    Args:
        file: Its path.
        line: The one that failed, from 1.
        span: What failed there, where that is known.
    """
    linecache.checkcache(file)
    numbers = range(max(1, line - _CONTEXT), line + _CONTEXT + 1)
    texts = [(number, linecache.getline(file, number)) for number in numbers]
    lines = [
        SourceLine(number, text.rstrip("\n"), number == line) for number, text in texts if text
    ]
    return tuple(_marked(each, span) if span else each for each in lines)


def without_secrets(line: SourceLine, scrub: Callable[[str], str]) -> SourceLine:
    """Return a line that says no secret, marked where it still can be.

    Args:
        line: As it is in the file.
        scrub: Takes secrets out of a line of source.
    """
    text = scrub(line.text)
    if text == line.text:
        return line
    before, marked, after = line.parts
    if marked and text.startswith(before) and text.endswith(after):
        return replace(line, text=text, end=max(len(text) - len(after), line.begin))
    return replace(line, text=text, begin=0, end=0)


def failing_span(code: CodeType, instruction: int, file: str) -> Span | None:
    """Return what was being evaluated, as Python knows it (PEP 657); None where it does not.

    Args:
        code: Of the frame.
        instruction: The offset of its last instruction: `tb_lasti`.
        file: Where the code is written; positions count bytes, and people read characters.
    """
    first, last, begin, end = next(islice(code.co_positions(), instruction // 2, None), _UNKNOWN)
    if first is None or last is None or begin is None or end is None:
        return None
    return first, last, _characters(file, first, begin), _characters(file, last, end)


def definition_line(file: str, line: int) -> int:
    """Return the line of `def`, for a function whose code begins at its decorators."""
    for number in range(line, line + _LONGEST_HEAD):
        if linecache.getline(file, number).lstrip().startswith(("def ", "async def ", "class ")):
            return number
    return line


def _characters(file: str, line: int, offset: int) -> int:
    written = linecache.getline(file, line).encode()
    return len(written[:offset].decode("utf-8", "replace"))


def _marked(line: SourceLine, span: Span) -> SourceLine:
    first, last, begin, end = span
    if not first <= line.number <= last:
        return line
    indented = len(line.text) - len(line.text.lstrip())
    begin = begin if line.number == first else indented
    end = end if line.number == last else len(line.text)
    is_whole = first == last and line.text[begin:end] == line.text.strip()
    return line if is_whole else replace(line, begin=begin, end=max(begin, end))


def lines_as_text(source: tuple[SourceLine, ...]) -> Iterator[str]:
    """Return the lines with their numbers, `>` before the one that failed, and carets below."""
    for line in source:
        yield f"{'>' if line.failed else ' '} {line.number:4} {line.text}".rstrip()
        if line.carets:
            yield f"{'':7}{line.carets}"
