"""Errors of the tool, each with its message and its exit code."""

from __future__ import annotations


class MtvgenError(Exception):
    """The project or the disk is wrong; the command ends with one line and exit code 1.

    It has the shape of the runtime's faults, without that class: to import it is to import the
    runtime, and `mtvgen --help` waits for neither.

    Args:
        message: What was wrong and where, as a sentence: `mysite/urls.py already exists.`
        cure: What to type or change; printed behind `->`.

    Attributes:
        kind: Which fault it is, a word that never changes.
    """

    kind: str = "project"
    exit_code = 1

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} -> {self.cure}" if self.cure else self.message


class UsageError(MtvgenError):
    """The command line is wrong: exit code 2."""

    kind = "usage"
    exit_code = 2


class Stopped(MtvgenError):
    """A signal ended the command before its work was done: exit code 128 + its number.

    That is what a shell reports for a program that the signal killed: 130 for Ctrl-C.
    """

    kind = "stopped"

    def __init__(self, signal_number: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


def printable(text: str) -> str:
    r"""Return the user's text as it is, with all that a terminal would obey or hide as an escape.

    Control and formatting characters, line separators and undecodable bytes (PEP 383) become
    `\n`, `\x1b`, `\u202e`, `\udcff`: a message is always one line and never moves the cursor.
    """
    if text.isprintable():  # as nearly all texts are, and a line of each request asks
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def padded(text: str, columns: int) -> str:
    """Return the text with blanks behind it, so that it takes as many columns of a terminal.

    A Chinese, Japanese or Korean character takes two columns, a combining one none (Unicode
    Standard Annex 11).
    """
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return the text, with `...` for what does not fit into as many columns of a terminal."""
    if width(text) <= columns:
        return text
    kept = text[: max(columns - 3, 0)]  # no character takes less than a column, but the combining
    while kept and width(kept) > columns - 3:
        kept = kept[:-1]
    return f"{kept.rstrip()}..."


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # mostly not needed

    columns = 0
    for character in text:
        if not combining(character):
            columns += 2 if east_asian_width(character) in "WF" else 1
    return columns
