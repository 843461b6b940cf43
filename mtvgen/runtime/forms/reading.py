"""Reading: from the texts that were sent, or from a row, to the fields of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.declarations import MISSING, Declaration, Plan, plan_of
from mtvgen.runtime.forms.errors import FormError, Refusal, Refused
from mtvgen.runtime.forms.fields import Field
from mtvgen.runtime.forms.filled import Filled
from mtvgen.runtime.forms.kinds.repeated import Repeated
from mtvgen.runtime.forms.sent.files import read_file
from mtvgen.runtime.forms.sent.rows import SentRow, row_numbers
from mtvgen.runtime.forms.sent.texts import Sent

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context


def empty_form(plan: Plan, context: Context, prefix: str) -> Filled[Any, Any]:
    """Return a form as nobody has filled it in: from its row, or with its defaults."""
    form: Filled[Any, Any] = Filled(plan, context, prefix, is_sent=False)
    for name, declared in plan.fields.items():
        form[name] = unsent_field(prefix + name, declared, context)
    return form


def unsent_field(name: str, declared: Declaration, context: Context) -> Field:
    """Return a field that holds what its row has, or its default."""
    if declared.rows is not None:
        return _unsent_rows(name, declared, context)
    if context.row is not None and declared.facts is not None:
        value = value_in_row(declared, context)
    else:
        value = None if declared.initial is MISSING else declared.initial
    return Field(name, declared, context, value)


def _unsent_rows(name: str, declared: Declaration, context: Context) -> Field:
    field = Field(name, declared, context)
    plan = plan_of(declared.rows)
    children: list[Any] = []
    if context.row is not None and declared.facts is not None:
        children = list(value_in_row(declared, context))
    elif isinstance(declared.kind, Repeated):
        children = [None] * declared.kind.least
    for number, child in enumerate(children):
        part = context.of_part(plan.form.__name__, child, plan.messages)
        field.rows.append(empty_form(plan, part, f"{name}.{number}."))
    return field


def value_in_row(declared: Declaration, context: Context) -> Any:
    """Return what a row has for a field.

    Raises:
        FormError: A relationship that must not be loaded here was not fetched with the row.
    """
    assert declared.facts is not None  # noqa: S101  # asked for by whoever calls this
    attribute = declared.facts.attribute
    try:
        return getattr(context.row, attribute)
    except Exception as error:
        from mtvgen.runtime.forms.database.rows import is_unfetched  # with the row, it is there

        if not is_unfetched(error):
            raise
        model = type(context.row).__name__
        raise FormError(
            f"{context.form_name} shows {model}.{attribute}, which the query did not fetch. "
            f"-> select({model}).options(selectinload({model}.{attribute}))"
        ) from error


def sent_form(plan: Plan, context: Context, prefix: str, sent: Sent) -> Filled[Any, Any]:
    """Return a form as somebody has sent it, with every mistake in it.

    Its value is there where no field has a mistake and `mistakes()` names none.
    """
    form: Filled[Any, Any] = Filled(plan, context, prefix, is_sent=True)
    values: dict[str, Any] = {}
    is_right = not sent.is_changed
    for name, declared in plan.fields.items():
        # Most fields are texts: no call to find that out for each of them.
        read = _read_text if declared.way == "text" and not sent.refusals else _read_field
        field = form[name] = read(prefix + name, declared, context, sent)
        value = values[name] = field.value
        if field.message or value is MISSING:
            is_right = False
            field.value = None
            if sent.is_changed:
                field.message = ""  # a row more or less, and nobody has asked to save it yet
            elif context.whole.focus is None:
                context.whole.focus = field.name
    if is_right:
        # As `plan.form(**values)`, which would look at the names again.
        form.value = object.__new__(plan.form)
        object.__setattr__(form.value, "__dict__", values)
        for name, text in form.value.mistakes():
            form.refuse(name, text)
    elif not sent.is_changed:
        form.ask_for_files_again()
    return form


def _read_field(name: str, declared: Declaration, context: Context, sent: Sent) -> Field:
    if sent.refusals and (refusal := sent.refusals.get(sent.name(name))) is not None:
        return _refused(name, declared, context, [], refusal)
    way = declared.way
    if way == "text" or way == "moment":
        return _read_text(name, declared, context, sent)
    if way == "many":
        return _read_many(name, declared, context, sent)
    if way == "rows":
        return _read_rows(name, declared, context, sent)
    if way == "file":
        return read_file(name, declared, context, sent)
    return Field(name, declared, context, None, sent.texts(name))


def _read_text(name: str, declared: Declaration, context: Context, sent: Sent) -> Field:
    sent_text = sent.text(name)
    if sent_text is None:
        return _absent(name, declared, context)
    kind = declared.kind
    text = sent_text if kind.keeps_blanks else sent_text.strip()
    if not text:
        return _left_empty(name, declared, context, [sent_text])
    try:
        value = _unchanged(text, declared, context) if declared.way == "moment" else MISSING
        if value is MISSING:
            value = kind.parse(text, context)
    except Refused as error:
        return _refused(name, declared, context, [sent_text], error.refusal)
    for check in declared.checks:
        if (refusal := check(value)) is not None:
            return _refused(name, declared, context, [sent_text], refusal)
    return Field(name, declared, context, value, [sent_text])


def _read_many(name: str, declared: Declaration, context: Context, sent: Sent) -> Field:
    texts = sent.texts(name)
    if not texts and context.row is not None and sent.leaves_out(name):
        return unsent_field(name, declared, context)
    try:
        value = declared.kind.parse_many(texts, context)
    except Refused as error:
        return _refused(name, declared, context, texts, error.refusal)
    for check in declared.checks:
        if (refusal := check(value)) is not None:
            return _refused(name, declared, context, texts, refusal)
    return Field(name, declared, context, value, texts)


def _refused(
    name: str, declared: Declaration, context: Context, texts: list[str], refusal: Refusal | str
) -> Field:
    message = context.sentence(refusal, declared.name)
    return Field(name, declared, context, None, texts, message)


def _left_empty(name: str, declared: Declaration, context: Context, texts: list[str]) -> Field:
    if declared.default is MISSING:
        return _refused(name, declared, context, texts, Refusal(declared.kind.missing))
    return Field(name, declared, context, declared.fresh_default(), texts)


def _absent(name: str, declared: Declaration, context: Context) -> Field:
    """Return a field that was not sent at all: what its row has stays as it is."""
    if context.row is not None and declared.facts is not None:
        return unsent_field(name, declared, context)
    return _left_empty(name, declared, context, [""])


def _unchanged(text: str, declared: Declaration, context: Context) -> Any:
    """Return the value of the row where a moment is what was shown of it.

    The page shows no microseconds, and of an hour that comes twice not which one it is.
    """
    if context.row is None or declared.facts is None:
        return MISSING
    if (value := value_in_row(declared, context)) is None:
        return MISSING
    return value if declared.kind.texts_of(value, context) == [text] else MISSING


def _read_rows(name: str, declared: Declaration, context: Context, sent: Sent) -> Field:
    """Return repeated fields as they were sent; an empty row is shown again, and does not count."""
    numbers = row_numbers(name, sent)
    if not numbers and sent.leaves_out(name):
        return unsent_field(name, declared, context)
    field = Field(name, declared, context)
    children = _children_by_key(declared, context)
    plan = plan_of(declared.rows)
    for place, number in enumerate(numbers):
        old, new = f"{name}.{number}.", f"{name}.{place}."
        child = children.pop(sent.text(f"{old}id") or "", None)
        part = context.of_part(plan.form.__name__, child, plan.messages)
        field.rows.append(_read_row(plan, part, new, SentRow(sent, old, new)))
    if sent.is_changed:
        if f"{sent.name(name)}.add" in sent.fields:
            part = context.of_part(plan.form.__name__, None, plan.messages)
            field.rows.append(empty_form(plan, part, f"{name}.{len(numbers)}."))
        return field
    full = [row for row in field.rows if row.is_sent]
    field.value = [row.value for row in full] if all(row.value for row in full) else MISSING
    for check in declared.checks if field.value is not MISSING else ():
        if (refusal := check(field.value)) is not None:
            field.refuse(refusal)
    return field


def _read_row(plan: Plan, context: Context, prefix: str, sent: Sent) -> Filled[Any, Any]:
    row = sent_form(plan, context, prefix, sent)
    if context.row is None and not sent.is_changed and sent.drops_empty_rows():
        fresh = empty_form(plan, context, prefix)
        if all(_is_fresh(field, fresh[name]) for name, field in row.items()):
            return fresh
    return row


def _is_fresh(field: Field, fresh: Field) -> bool:
    """Return whether a field of a row holds what it held when the row was added, or nothing."""
    texts = [text for text in field.texts if text.strip()]
    return not field.rows and (not texts or texts == fresh.texts)


def _children_by_key(declared: Declaration, context: Context) -> dict[str, Any]:
    """Return the rows of the table that belong to the parent: an id is looked for among these."""
    if context.row is None or declared.facts is None:
        return {}
    # Imported on use: a form without a model loads no SQLAlchemy.
    from mtvgen.runtime.forms.database.columns import key_of

    return {key_of(child): child for child in value_in_row(declared, context)}
