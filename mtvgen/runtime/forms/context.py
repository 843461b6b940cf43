"""Context: what all fields of one form share while it is read and shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.errors import FormError, Refusal
from mtvgen.runtime.forms.sentences import sentence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mtvgen.runtime.requests.request import Request


class Context:
    """One form on its way through a request.

    Attributes:
        form_name: The form class, for messages to its author.
        request: The request; None where a row is shown without one.
        row: The row that is shown or changed.
        messages: The form's own sentences.
        focus: The name of the first field with a mistake, where the browser puts the cursor.
    """

    __slots__ = ("_whole", "focus", "form_name", "messages", "request", "row")

    def __init__(
        self, form_name: str, request: Request | None, row: Any, messages: Mapping[str, Any]
    ) -> None:
        self.form_name = form_name
        self.request = request
        self.row = row
        self.messages = messages
        self.focus: str | None = None
        self._whole = self

    def of_part(self, form_name: str, row: Any, messages: Mapping[str, Any]) -> Context:
        """Return the context of one of the repeated parts of a form."""
        part = Context(form_name, self.request, row, {**self.messages, **messages})
        part._whole = self._whole
        return part

    @property
    def whole(self) -> Context:
        """The context of the whole form, of which this may be a part."""
        return self._whole

    @property
    def zone(self) -> tzinfo:
        """The site's time zone."""
        return UTC if self.request is None else self.request.app.time_zone

    @property
    def language(self) -> str:
        """The language of this request's sentences."""
        if self.request is None:
            return "en"
        chosen = vars(self.request.state).get("language")
        return str(chosen or self.request.app.language)

    @property
    def db(self) -> Session:
        """The session that rows to choose from come from."""
        if self.request is not None:
            return self.request.db
        # Imported on use: a form without a model loads no SQLAlchemy.
        from mtvgen.runtime.forms.database.columns import session_of

        session = session_of(self.row)
        if session is None:
            raise FormError(
                f"{self.form_name} offers rows of the database, and has no request to ask with. "
                f"-> {self.form_name}.of(row, request)"
            )
        return session

    def sentence(self, refusal: Refusal | str, name: str) -> str:
        """Return the sentence for a visitor about a field."""
        return sentence(refusal, self.language, self.messages, name)
