"""Form: the class of a form, written above the views that use it.

Public: Form, with `read()`, `of()`, `read_query()`, `read_json()` and `mistakes()`; Mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from mtvgen.runtime.forms.context import Context
from mtvgen.runtime.forms.declarations import METHODS, MISSING, plan_of, taken_name
from mtvgen.runtime.forms.errors import FormError, Refusal
from mtvgen.runtime.forms.filled import Filled
from mtvgen.runtime.forms.reading import empty_form, sent_form
from mtvgen.runtime.forms.sent.rows import has_pressed
from mtvgen.runtime.forms.sent.texts import Sent

if TYPE_CHECKING:
    from typing import Self

    from typing_extensions import TypeVar, dataclass_transform

    from mtvgen.runtime.requests.request import Request

    # `class SearchForm(Form)` is as strict as `class NoteForm(Form[Note])`.
    M = TypeVar("M", default=None)
else:
    from typing import TypeVar, dataclass_transform

    M = TypeVar("M")

Mistakes = Iterable[tuple[str, str]]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Form(Generic[M]):
    """The base of form classes: an annotation for each field, and what only the whole form knows.

        class NoteForm(Form[Note]):
            text: Annotated[str, most(500)]

        form = NoteForm.read(request)
        if note := form.save(request.db):
            return redirect(request.url_for("note", id=note.id))
        return render(request, "notes/form.html", status_code=form.status, form=form)

    An object of the class holds the values of a form that is right, `form.value`; a test makes
    one without a request: `NoteForm(text="Tea").mistakes()`.

    Args:
        values: A value for each field; one with a default may be left out.

    Raises:
        FormError: A field is missing, or there is no such field.
    """

    __messages__: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, messages: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init_subclass__(**more)
        if messages:
            cls.__messages__ = {**cls.__messages__, **messages}
        for name, value in vars(cls).items():
            # A default would take the place of the method before anybody reads the annotation.
            if name in METHODS and not callable(value) and not isinstance(value, classmethod):
                raise FormError(taken_name(cls.__name__, name))

    if not TYPE_CHECKING:  # a type checker makes it of the annotations

        def __init__(self, *args: Any, **values: Any) -> None:
            if args:
                name = type(self).__name__
                read = f"{name}.read(request)"
                raise FormError(f"{name}(...) takes its values by name. A request is read: {read}.")
            fields = plan_of(type(self)).fields
            if values.keys() != fields.keys():
                values = _completed(type(self).__name__, fields, values)
            self.__dict__.update(values)

    def mistakes(self) -> Mistakes:
        """Say what only the whole form knows: names of fields, and sentences for visitors.

        It is asked once every field by itself is right. The name "" is the whole form's.

            def mistakes(self) -> Mistakes:
                if self.ends < self.starts:
                    yield "ends", "It ends before it begins."
        """
        return ()

    @classmethod
    def read(cls, request: Request, row: M | None = None, *, prefix: str = "") -> Filled[Self, M]:
        """Read what a page has sent; of a GET or HEAD, show the form as it is at first.

        Wrong input raises nothing: each field has its sentence.

        Args:
            request: The request.
            row: The row that is changed; its values are shown at first.
            prefix: What the names of the fields begin with, where a page has several forms:
                with `prefix="login"` they are `login.name`.

        Raises:
            HTTPError: 400, 411, 413 or 415, as `request.form`.
            FormError: An annotation is not one of a field.
        """
        plan, prefix = plan_of(cls), f"{prefix}." if prefix else ""
        context = Context(cls.__name__, request, row, plan.messages)
        if request.method in ("GET", "HEAD"):
            return empty_form(plan, context, prefix)
        fields = request.form
        if prefix and not any(name.startswith(prefix) for name in (*fields, *request.files)):
            return empty_form(plan, context, prefix)
        sent = Sent(fields, request.files)
        if plan.groups:
            sent.is_changed = any(has_pressed(prefix + name, sent) for name in plan.groups)
        return sent_form(plan, context, prefix, sent)

    @classmethod
    def read_query(cls, request: Request, *, prefix: str = "") -> Filled[Self, M]:
        """Read a search: the fields that are behind the `?`.

        A query without any of the fields' names has not been sent: the form is empty then.

        Args:
            request: The request.
            prefix: As in `read()`.

        Raises:
            BadRequest: The query holds NUL.
        """
        plan, prefix = plan_of(cls), f"{prefix}." if prefix else ""
        context = Context(cls.__name__, request, None, plan.messages)
        fields = request.query
        if not any(prefix + name in fields for name in plan.fields):
            return empty_form(plan, context, prefix)
        return sent_form(plan, context, prefix, Sent(fields))

    @classmethod
    def read_json(cls, request: Request, row: M | None = None) -> Filled[Self, M]:
        """Read what a program has sent, as JSON.

        A value of another type, a name that is not a field, and whatever `read()` refuses are
        sentences in `errors`. A Decimal has the digits that were sent. Of a `row`, what is left
        out stays as it is.

        Args:
            request: The request.
            row: The row that is changed.

        Raises:
            HTTPError: 400, 411, 413 or 415, as `request.json()`.
        """
        # Imported on use: pages send no JSON.
        from mtvgen.runtime.forms.sent.json_object import SentJSON

        plan = plan_of(cls)
        context = Context(cls.__name__, request, row, plan.messages)
        sent = SentJSON(plan, request.json(exact=True))
        form: Filled[Self, M] = sent_form(plan, context, "", sent)
        if not sent.is_object:
            form.refuse_all(Refusal("json_object"))
        form.refuse_unknown(sent.shown_unknown())
        return form

    @classmethod
    def of(cls, row: M, request: Request | None = None, *, prefix: str = "") -> Filled[Self, M]:
        """Show a row.

        Args:
            row: The row.
            request: The request, for rows to choose that depend on it, and for the time zone.
            prefix: As in `read()`.
        """
        plan = plan_of(cls)
        context = Context(cls.__name__, request, row, plan.messages)
        return empty_form(plan, context, f"{prefix}." if prefix else "")

    def __setattr__(self, name: str, value: Any) -> None:
        raise FormError(f"{type(self).__name__}.{name} can't be set: a form's value stays as sent.")

    def __delattr__(self, name: str) -> None:
        raise FormError(f"{type(self).__name__}.{name} can't be deleted.")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # a list of rows has none

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"


def _completed(form: str, fields: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the defaults of those that are missing."""
    if unknown := values.keys() - fields.keys():
        raise FormError(f"{form} has no {', '.join(sorted(unknown))}.")
    given = dict(values)
    for name, declared in fields.items():
        if name not in given:
            given[name] = declared.fresh_default()
    missing = [name for name, value in given.items() if value is MISSING]
    if missing:
        raise FormError(f"{form}(...) needs {', '.join(missing)}.")
    return {name: given[name] for name in fields}
