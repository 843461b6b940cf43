"""Filled: a form on its way through a request, as a dict of its fields.

Public: Filled, with all that has no underscore in front. In Python a field is `form["text"]`, so
that a type checker knows every other name; a template writes `form.text`, and there a field comes
before what a form has of its own, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from markupsafe import Markup

from mtvgen.runtime.forms.drawing import draw_form_error
from mtvgen.runtime.forms.errors import FormError, Refusal
from mtvgen.runtime.forms.fields import Field
from mtvgen.runtime.support.suggestions import did_you_mean

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from mtvgen.runtime.forms.context import Context
    from mtvgen.runtime.forms.declarations import Plan

F = TypeVar("F")
M = TypeVar("M")


class Filled(dict[str, Field], Generic[F, M]):
    """The fields of a form: empty, filled from a row, or as somebody sent them.

    Attributes:
        value: What was sent, as an object of the form class; None where nothing was sent or
            something is wrong.
        is_sent: Whether something was sent.
        prefix: What the names of its fields begin with.
    """

    __slots__ = ("_context", "_message", "_plan", "_unknown", "is_sent", "prefix", "value")

    def __init__(self, plan: Plan, context: Context, prefix: str, *, is_sent: bool) -> None:
        self.value: F | None = None
        self.is_sent = is_sent
        self.prefix = prefix
        self._message = ""
        self._unknown: dict[str, str] = {}
        self._plan = plan
        self._context = context

    @property
    def errors(self) -> dict[str, str]:
        """The mistakes: names of fields, and sentences; that of `""` is about the whole form."""
        errors = {"": self._message} if self._message else {}
        errors |= self._unknown
        for name, field in self.items():
            if field.message:
                errors[name] = field.message
            for number, row in enumerate(field.rows):
                errors |= {
                    f"{name}.{number}.{part}".removesuffix("."): text
                    for part, text in row.errors.items()
                }
        return errors

    @property
    def row(self) -> M | None:
        """The row that is shown and changed; None for a new one."""
        row: M | None = self._context.row
        return row

    @property
    def key(self) -> Markup:
        """Of one of several rows: the element that says which row of the table it is."""
        if self.row is None:
            return Markup("")
        # Imported on use: a form without a model loads no SQLAlchemy.
        from mtvgen.runtime.forms.database.columns import key_of

        text = key_of(self.row)
        return Markup('<input type="hidden" name="{}id" value="{}">').format(self.prefix, text)

    @property
    def remove(self) -> Markup:
        """Of one of several rows: the attributes of the button that takes it away."""
        return Markup('name="{}remove" value="1" formnovalidate').format(self.prefix)

    @property
    def error(self) -> Markup:
        """The mistake of the whole form, as an element; empty without one."""
        return draw_form_error(self.prefix, self._message)

    @property
    def status(self) -> int:
        """200, or 422 if something is wrong (RFC 9110, section 15.5.21)."""
        return 422 if self._has_errors() else 200

    def refuse(self, name: str, sentence: str) -> None:
        """Say what is wrong with a field; the form has no value then.

        Args:
            name: The field; empty for the whole form.
            sentence: For whoever filled it in.

        Raises:
            FormError: There is no such field.
        """
        self._refuse(name, sentence)

    def save(self, db: Session, row: M | None = None, **more: Any) -> M | None:
        """Save what was sent, and return its row; None where there is nothing to save.

        It is flushed, so that its key is known. A value that has to be unique and is not becomes
        a sentence at its field, and nothing of this form is saved then.

        Args:
            db: The request's session.
            row: The row to change; without it that of `read()`, or a new one.
            more: Further attributes of the row: `owner=user`.

        Raises:
            FormError: The form class names no model.
            sqlalchemy.exc.IntegrityError: The database refuses what no field is about.
        """
        if self.value is None:
            return None
        # Imported on use: a form without a model loads no SQLAlchemy.
        from mtvgen.runtime.forms.database.saving import save_form

        if row is not None:
            self._context.row = row
        saved, refusals = save_form(db, self, more)
        for name, refusal in refusals:
            self._refuse(name, refusal)
        return None if refusals else saved

    def refuse_all(self, refusal: Refusal) -> None:
        """Refuse what is not even a form: the fields have no mistakes of their own then."""
        self.value = None
        for field in self.values():
            field.message = ""
        self._message = self._context.sentence(refusal, "")

    def refuse_unknown(self, names: list[str]) -> None:
        """Refuse names that are not fields, as a program may send them."""
        for name in names:
            self.value = None
            self._unknown[name] = self._context.sentence(Refusal("unknown"), name)

    def _refuse(self, name: str, refusal: Refusal | str) -> None:
        self.value = None
        form, field = self._part(name)
        if field:
            form[field].refuse(refusal)
        else:
            form.value = None
            form._message = form._message or self._context.sentence(refusal, "")
        self.ask_for_files_again()
        self._context.whole.focus = next(iter(self._wrong_names()), None)

    def ask_for_files_again(self) -> None:
        """Say at each file that it is to be chosen again: no page can fill it in."""
        for field in self.values():
            if field.control == "file" and field.value is not None:
                field.value = None
                field.refuse(Refusal("file_again"))

    def _part(self, name: str) -> tuple[Filled[Any, Any], str]:
        """Return the form that a name of `errors` is in, and its field; empty: the form itself.

        `price` is a field, `lines.0.price` one of a row, and `lines.0` that row.
        """
        first, _, rest = name.partition(".")
        number, _, inner = rest.partition(".")
        if name and first not in self:
            form = self._plan.form.__name__
            raise FormError(f"{form} has no {name!r}.{did_you_mean(name, sorted(self))}")
        if not rest:
            return self, name
        rows = self[first].rows
        if not number.isdecimal() or int(number) >= len(rows):
            raise FormError(f"{self._plan.form.__name__} has no {name!r}.")
        return rows[int(number)]._part(inner)

    def _wrong_names(self) -> Iterator[str]:
        for field in self.values():
            if field.message:
                yield field.name
            for row in field.rows:
                yield from row._wrong_names()

    def _has_errors(self) -> bool:
        if self._message or self._unknown:
            return True
        return any(
            field.message or any(row._has_errors() for row in field.rows) for field in self.values()
        )

    def __repr__(self) -> str:
        return f"<{self._plan.form.__name__}: {', '.join(self)}>"
