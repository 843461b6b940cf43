"""The piece of a template's tag that is before the cursor, however half-typed it is."""

from __future__ import annotations

import re
from typing import NamedTuple

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_CALLED = re.compile(r"([\w.]*\w)\s*\($")
_NEW_ARGUMENT = re.compile(r",\s*\w*$")
_ATTRIBUTE = re.compile(r"\.(\w*)$")
_WORD_BEFORE = re.compile(r"[A-Za-z_]\w*$")
_KEYWORD = re.compile(r"(\w+)\s*=(?!=)")


class Call(NamedTuple):
    """A call whose closing bracket is not before the cursor.

    Attributes:
        name: What is called, as it is written: `url_for`, `forms.field`.
        arguments: Its arguments up to the cursor, as they are written.
    """

    name: str
    arguments: str

    @property
    def first(self) -> str | None:
        """The text of the first argument, if that is a literal."""
        match = _STRING.match(self.arguments.lstrip())
        return match[0][1:-1] if match else None

    @property
    def given(self) -> set[str]:
        """The names of its keywords."""
        return set(_KEYWORD.findall(_STRING.sub("''", self.arguments)))

    @property
    def is_at_another(self) -> bool:
        """Whether the cursor is where another argument than the first begins."""
        return _NEW_ARGUMENT.search(_STRING.sub("''", self.arguments)) is not None


def tag_before(before: str, openers: tuple[str, str, str], closers: tuple[str, str]) -> str | None:
    """Return the tag that the end of a text is in, from its opener on.

    Args:
        before: The text before the cursor.
        openers: What begins a block, a variable, and a comment.
        closers: What ends a block and a variable.

    Returns:
        The tag, with its opener; None outside tags, and in comments.
    """
    starts = [(before.rfind(opener), opener) for opener in openers]
    start, opener = max(starts)
    if start < 0 or opener == openers[2]:
        return None
    tag = before[start:]
    inside = _STRING.sub(lambda text: "_" * len(text[0]), tag)
    return None if any(closer in inside for closer in closers) else tag


def open_quote(tag: str) -> str | None:
    """Return the text of the literal that the end of a tag is in; None if it is in none."""
    rest = _STRING.sub(lambda text: "_" * len(text[0]), tag)
    starts = [at for quote in "\"'" if (at := rest.find(quote)) >= 0]
    return tag[min(starts) + 1 :] if starts else None


def open_call(tag: str) -> Call | None:
    """Return the innermost call that the end of a tag is in."""
    masked = _STRING.sub(lambda text: "_" * len(text[0]), tag)
    quote = open_quote(tag)
    end = len(tag) if quote is None else len(tag) - len(quote) - 1
    depth = 0
    for at in range(end - 1, -1, -1):
        if masked[at] in ")]}":
            depth += 1
        elif masked[at] in "([{":
            if depth == 0:
                called = _CALLED.search(masked[: at + 1])
                if masked[at] == "(" and called is not None:
                    return Call(called[1], tag[at + 1 :])
                return None
            depth -= 1
    return None


def owner_before(tag: str) -> tuple[str, str] | None:
    """Return the expression whose attribute is typed at the end of a tag, and what of it is.

    It is a name, or something in brackets, with attributes, calls and items behind it.
    """
    attribute = _ATTRIBUTE.search(tag)
    if attribute is None:
        return None
    masked = _STRING.sub(lambda text: "_" * len(text[0]), tag)
    start = end = attribute.start()
    while True:
        if masked[start - 1] in ")]":
            start = _opener(masked, start - 1)
            is_item = masked[start] == "[" or masked[start - 1 : start].isalnum()
            if not is_item and masked[start - 1 : start] not in ("_", ")", "]"):
                break  # an expression in brackets is the first piece
        else:
            word = _WORD_BEFORE.search(masked, 0, start)
            if word is None:
                return None
            start = word.start()
            if masked[start - 1] != ".":
                break
            start -= 1
    return tag[start:end], attribute[1]


def _opener(masked: str, closer: int) -> int:
    """Return where the bracket begins that ends at a place; 0 if it is not there."""
    depth = 0
    for at in range(closer, 0, -1):
        depth += (masked[at] in ")]}") - (masked[at] in "([{")
        if depth == 0:
            return at
    return 0
