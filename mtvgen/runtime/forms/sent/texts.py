"""Texts and files of a form or a query, by the names that they were sent under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mtvgen.runtime.forms.errors import Refusal
from mtvgen.runtime.http.multidict import MultiDict

if TYPE_CHECKING:
    from mtvgen.runtime.requests.uploads import UploadedFile


class Sent:
    """Texts and files by the names that they were sent under.

    Attributes:
        fields: The texts.
        files: The files; None where there can be none.
        is_changed: Whether a button was pressed that adds a row or takes one away: what was typed
            is shown again then, and nothing is saved.
        refusals: Values of another type than their fields, by their names; JSON has them.
    """

    __slots__ = ("fields", "files", "is_changed", "refusals")

    def __init__(
        self, fields: MultiDict[str], files: MultiDict[UploadedFile] | None = None
    ) -> None:
        self.fields = fields
        self.files = files
        self.is_changed = False
        self.refusals: Mapping[str, Refusal] = {}

    def name(self, name: str) -> str:
        """Return the name that a field was sent under."""
        return name

    def names(self) -> Iterable[str]:
        """Return all names."""
        return self.fields if not self.files else (*self.fields, *self.files)

    def text(self, name: str) -> str | None:
        """Return the first text of a name; None where it was not sent at all."""
        return self.fields.get(name)

    def texts(self, name: str) -> list[str]:
        """Return all texts of a name."""
        return self.fields.getlist(name) if name in self.fields else []

    def file(self, name: str) -> UploadedFile | None:
        """Return the first file of a name."""
        return None if self.files is None else self.files.get(name)

    def leaves_out(self, name: str) -> bool:
        """Return whether a missing name says nothing; a page's boxes are missing if not ticked."""
        return False

    def drops_empty_rows(self) -> bool:
        """Return whether a row that nobody has filled in does not count."""
        return True
