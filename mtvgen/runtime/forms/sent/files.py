"""Files of a form: a field with the file that was sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtvgen.runtime.forms.declarations import MISSING, Declaration
from mtvgen.runtime.forms.errors import Refusal, Refused
from mtvgen.runtime.forms.fields import Field

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context
    from mtvgen.runtime.forms.kinds.files import File
    from mtvgen.runtime.forms.sent.texts import Sent


def read_file(name: str, declared: Declaration, context: Context, sent: Sent) -> Field:
    """Return a field as its file was sent."""
    kind: File = declared.kind  # type: ignore[assignment]  # read_field() has asked
    file = sent.file(name)
    if file is None or (not file.size and file.filename == "unnamed"):
        if declared.default is MISSING:
            message = context.sentence(Refusal(kind.missing), declared.name)
            return Field(name, declared, context, message=message)
        return Field(name, declared, context)
    try:
        return Field(name, declared, context, kind.take(file))
    except Refused as error:
        return Field(
            name, declared, context, message=context.sentence(error.refusal, declared.name)
        )
