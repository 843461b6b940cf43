"""What the manual tells to type and to write, taken from its pages and run with other ports."""

from __future__ import annotations

import re
import shlex

from tests.support.pages import DOCS, examples

SITE = "/srv/mysite"  # where the manual's project is


def block(page: str, *, starting: str) -> str:
    """The one example of a page that begins with a text."""
    (text,) = [one.text for one in examples(DOCS / page) if one.text.startswith(starting)]
    return text


def written_file(page: str, title: str) -> str:
    """A file, as a page of the manual writes it."""
    (text,) = [one.text for one in examples(DOCS / page) if one.file == title]
    return text


def command(page: str, program: str) -> list[str]:
    """The words of the command line that begins with a program, as a page prints it."""
    lines = [line for one in examples(DOCS / page) for line in one.text.splitlines()]
    (line,) = [line for line in lines if re.match(rf"(\.venv\\Scripts\\)?{program} ", line)]
    return shlex.split(line.replace("\\", "/").removeprefix(".venv/Scripts/"))


def replaced(text: str, replacements: dict[str, str]) -> str:
    """A text of the manual on this machine.

    Raises:
        AssertionError: The manual no longer says what is to be replaced.
    """
    for documented, here in replacements.items():
        assert documented in text, f"the manual no longer says {documented!r}"
        text = text.replace(documented, here)
    return text
