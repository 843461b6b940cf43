"""What can go wrong on the tool's side, each error with its message and its exit code."""

from __future__ import annotations


class MtvgenError(Exception):
    """The project or the disk is wrong; the command ends with one line and exit code 1.

    Args:
        message: What was wrong and where, as a sentence: `mysite/urls.py already exists.`
        cure: What to type or change; printed behind `->`.
    """

    exit_code = 1

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} -> {self.cure}" if self.cure else self.message


class UsageError(MtvgenError):
    """The command line is wrong: exit code 2."""

    exit_code = 2
