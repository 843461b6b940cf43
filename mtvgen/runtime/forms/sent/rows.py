"""Repeated fields: `lines: list[LineForm]`, named `lines.0.what`, added and taken away by buttons.

The buttons are named: `lines.add`, `lines.0.remove`. They send the form, which comes back with a
row more or less and with all that was typed, whether the browser runs scripts or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtvgen.runtime.forms.sent.texts import Sent

if TYPE_CHECKING:
    from mtvgen.runtime.requests.uploads import UploadedFile

_MAX_DIGITS = 6  # of a row's number; a form has a thousand fields at most


class SentRow(Sent):
    """One row of repeated fields: its names are those of its new place.

    Args:
        sent: The whole form.
        old: What its names began with when they were sent.
        new: What they begin with from now on, counted from 0 without a gap.
    """

    __slots__ = ("_new", "_old", "_sent")

    def __init__(self, sent: Sent, old: str, new: str) -> None:
        super().__init__(sent.fields, sent.files)
        self.is_changed, self.refusals = sent.is_changed, sent.refusals
        self._sent, self._old, self._new = sent, old, new

    def name(self, name: str) -> str:
        """Return the name that something was sent under."""
        return self._sent.name(self._old + name.removeprefix(self._new))

    def text(self, name: str) -> str | None:
        """Return the first text of a name; None where it was not sent at all."""
        return super().text(self.name(name))

    def texts(self, name: str) -> list[str]:
        """Return all texts of a name."""
        return super().texts(self.name(name))

    def file(self, name: str) -> UploadedFile | None:
        """Return the first file of a name."""
        return super().file(self.name(name))

    def leaves_out(self, name: str) -> bool:
        """Return whether a missing name says nothing."""
        return self._sent.leaves_out(self._old + name.removeprefix(self._new))

    def drops_empty_rows(self) -> bool:
        """Return whether a row that nobody has filled in does not count."""
        return self._sent.drops_empty_rows()


def row_numbers(name: str, sent: Sent) -> list[int]:
    """Return the numbers of the rows that were sent, without one whose button takes it away."""
    start = sent.name(name) + "."
    numbers = set()
    for sent_name in sent.names():
        number, dot, _ = sent_name.removeprefix(start).partition(".")
        if not sent_name.startswith(start) or not dot or not number.isdecimal():
            continue
        if number.isascii() and len(number) <= _MAX_DIGITS and str(int(number)) == number:
            numbers.add(int(number))
    return [number for number in sorted(numbers) if f"{start}{number}.remove" not in sent.fields]


def has_pressed(name: str, sent: Sent) -> bool:
    """Return whether a button of these rows, or of rows within them, was pressed."""
    start = name + "."
    return any(
        sent_name.startswith(start) and sent_name.rpartition(".")[2] in ("add", "remove")
        for sent_name in sent.fields
    )
