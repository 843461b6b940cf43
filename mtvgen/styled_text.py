"""Text for a terminal: in colours, and broken between words where a line is full.

Piped output has neither: programs read it, and a line of it is a line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from shutil import get_terminal_size
from typing import Literal, NamedTuple, TextIO

from mtvgen.errors import printable, width

Style = Literal["", "error", "warning", "place", "cure"]

_CODES = {"error": "\x1b[31m", "warning": "\x1b[33m", "place": "\x1b[36m", "cure": "\x1b[32m"}
_RESET = "\x1b[0m"
_HANGING = " " * 4  # in front of what did not fit into the first line


class Part(NamedTuple):
    """A piece of a line, and what it is."""

    text: str
    style: Style = ""


def has_colours(stream: TextIO) -> bool:
    """Return whether a stream is a terminal whose owner wants colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def columns_of(stream: TextIO) -> int:
    """Return how wide a line may be; without a terminal there is no limit."""
    return get_terminal_size().columns if stream.isatty() else sys.maxsize


def coloured(text: str, style: Style) -> str:
    """Return a text in the colour of what it is."""
    return f"{_CODES[style]}{text}{_RESET}" if style and text else text


def line_of(parts: Iterable[Part], stream: TextIO) -> str:
    """One line for a stream: on a terminal in colours, and broken between words.

    Args:
        parts: What it consists of, with a blank between two of them.
        stream: Where it is printed.
    """
    return laid_out(parts, columns_of(stream), colours=has_colours(stream))


def laid_out(parts: Iterable[Part], columns: int, *, colours: bool) -> str:
    """Parts as one line, or several where they take more columns; a word is never broken.

    Args:
        parts: What it consists of.
        columns: Of the terminal; a Chinese character takes two.
        colours: Whether to use them.
    """
    text, used = "", 0
    for part in parts:
        for word in printable(part.text).split(" "):
            taken = width(word)
            if used and used + 1 + taken > columns:
                text, used = f"{text}\n{_HANGING}", len(_HANGING)
            elif used:
                text, used = f"{text} ", used + 1
            text += coloured(word, part.style) if colours else word
            used += taken
    return text
