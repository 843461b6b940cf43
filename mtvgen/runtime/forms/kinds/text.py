"""Texts: in one line, in several, and passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.errors import Refused
from mtvgen.runtime.forms.kinds.base import Kind

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context


class Text(Kind):
    """A text. Line ends are LF before anything is counted; a browser sends CRLF."""

    def parse(self, text: str, context: Context) -> str:
        """Return the text."""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.isascii() or "\0" in text:
            refuse_unsavable(text)
        return text

    def from_json(self, value: Any) -> list[str]:
        """Return a string as it is."""
        if not isinstance(value, str):
            raise Refused("json_text")
        return [value]


class LongText(Text):
    """A text of several lines."""

    control = "textarea"


class Password(Text):
    """A text that is taken letter by letter, and never shown again."""

    input_type = "password"
    keeps_blanks = True
    is_shown = False


def refuse_unsavable(text: str) -> None:
    """Refuse what no database and no page takes: NUL, and halves of surrogate pairs.

    Raises:
        Refused: It holds one.
    """
    if "\0" in text:
        raise Refused("text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Refused("text") from error
