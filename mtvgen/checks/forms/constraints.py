"""What controls let through, against what the view and the columns of its models take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mtvgen.checks.facts import ClassFact, ColumnFact
from mtvgen.checks.forms.controls import CHOSEN, Control, texts_of
from mtvgen.checks.forms.matching import Sending
from mtvgen.checks.reading.reads import Flow, Read, Reads
from mtvgen.checks.report import Problem

_TEXTS = frozenset({"text", "search", "tel", "url", "email", "password", "textarea"})


def constraint_problems(sending: Sending, models: Mapping[str, ClassFact]) -> Iterator[Problem]:
    """Yield notes on controls that let through what the view or a column refuses.

    Args:
        sending: The form, and the views that may take it.
        models: What is known of the models.
    """
    for _, reads in sending.views if sending.is_certain else ():
        yield from _of_view(sending, reads, models)


def _of_view(sending: Sending, reads: Reads, models: Mapping[str, ClassFact]) -> Iterator[Problem]:
    for control in sending.form.controls:
        if control.names is None or len(control.names) != 1:
            continue
        (name,) = control.names
        flows = [flow for flow in reads.flows if (flow.source, flow.key) == (sending.source, name)]
        for flow in flows:
            model = models.get(flow.model)
            column = model.columns.get(flow.attribute) if model is not None else None
            if model is not None and column is not None:
                where = f"{model.name}.{flow.attribute}"
                yield from _too_long(control, column, where)
                yield from _nulls(control, flow, column, where)
    yield from _unchosen(sending, reads)


def _too_long(control: Control, column: ColumnFact, where: str) -> Iterator[Problem]:
    """`maxlength="5000"` above `String(500)`: PostgreSQL refuses what is longer."""
    attribute = control.element.get("maxlength")
    texts = texts_of(control.element, "maxlength", "") or ()
    limits = [int(text) for text in texts if text.isascii() and text.isdecimal()]
    if column.length is None or control.kind not in _TEXTS or attribute is None or not limits:
        return
    if min(limits) <= column.length:
        return
    text = min(limits)
    place = attribute.value.place if attribute.value is not None else None
    message = f"maxlength is {text}, and {where} takes {column.length} characters."
    yield Problem(
        "forms.maxlength",
        place or attribute.place,
        message,
        f'-> maxlength="{column.length}"',
        "note",
    )


def _nulls(control: Control, flow: Flow, column: ColumnFact, where: str) -> Iterator[Problem]:
    """A field left empty becomes None, which a column refuses; or it can never be left empty."""
    if not flow.has_null or control.kind in CHOSEN:
        return
    is_required = control.has("required")
    if is_required is False and not column.is_nullable and not column.has_default:
        message = f"left empty, this becomes None at {flow.spot.shown}, and {where} is NOT NULL."
        yield Problem("forms.required", control.place, message, "-> required", "note")
    elif is_required and column.is_nullable:
        message = f"this is required, and {flow.spot.shown} makes an empty one None for {where}."
        advice = "Leave out required, if it may be left empty."
        yield Problem("forms.required", control.place, message, advice, "note")


def _unchosen(sending: Sending, reads: Reads) -> Iterator[Problem]:
    """Yield the keys that are required, of boxes that may all be left alone."""
    seen: set[str] = set()
    for read in reads.of(sending.source):
        controls = [one for one in sending.form.controls if one.may_send(read.key)]
        if not _is_required(read, controls) or read.key in seen:
            continue
        seen.add(read.key)
        kinds = {_kind(control) for control in controls}
        if not kinds <= CHOSEN | {"several"}:
            continue
        if any(control.has("required") is not False for control in controls):
            continue
        is_radio = kinds == {"radio"}
        if is_radio and any(control.has("checked") is not False for control in controls):
            continue
        if is_radio:
            place, advice = controls[0].whole_place, "-> required"
            message = f"nothing is sent if none is chosen, and {read.spot.shown} requires"
            message = f"{message} {read.key!r}."
        else:  # boxes may always be left alone
            place, advice = read.spot.place, f"-> request.{read.source.value}.getlist({read.key!r})"
            message = f"the boxes {read.key!r} send nothing if none is ticked, which is a 400 here."
        yield Problem("forms.unchosen", place, message, advice, "note")


def _is_required(read: Read, controls: list[Control]) -> bool:
    is_sure = read.is_required and read.is_sure and read.key not in read.after
    return is_sure and bool(controls) and all(one.names == (read.key,) for one in controls)


def _kind(control: Control) -> str:
    if control.kind == "select":
        return "several" if control.has("multiple") else "select"
    return control.kind
