"""Saving: the values of a form into a row, or the sentences why not; nothing is half saved."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from mtvgen.runtime.forms.database.clashes import Refusals, is_touched, refusals_of
from mtvgen.runtime.forms.database.columns import is_there, mapper_of
from mtvgen.runtime.forms.declarations import Declaration, Plan, plan_of
from mtvgen.runtime.forms.errors import FormError, Refusal
from mtvgen.runtime.support.suggestions import did_you_mean

if TYPE_CHECKING:
    from mtvgen.runtime.forms.filled import Filled


def save_form(db: Session, form: Filled[Any, Any], more: Mapping[str, Any]) -> tuple[Any, Refusals]:
    """Save a form that has a value; returns its row and nothing, or None and why not.

    Args:
        db: The session.
        form: The form; its row is changed, or a new one is made.
        more: Further attributes.

    Raises:
        FormError: The form class has no model, or `more` has what the model has not.
        IntegrityError: A constraint that no field is about.
    """
    plan = plan_of(type(form.value))
    if plan.model is None:
        name = plan.form.__name__
        raise FormError(f"{name} has no model to save in. -> class {name}(Form[Model])")
    _refuse_unknown(plan, more)
    is_new = form.row is None
    if not is_new and (refusal := _lost_update(plan, form)):
        return None, [("", refusal)]
    db.flush()  # what else is waiting: its errors are not this form's
    needs_savepoint = not is_new or is_touched(plan, more)
    guard: AbstractContextManager[Any] = db.begin_nested() if needs_savepoint else nullcontext()
    try:
        # The attributes are set inside: begin_nested() would flush them outside, and the error
        # would pass by.
        with guard:
            row = _fill(db, form)
            for name, value in more.items():
                setattr(row, name, value)
            if is_new:
                db.add(row)
            db.flush()
    except StaleDataError:
        if is_new:
            raise
        return None, [("", Refusal("changed" if is_there(db, form.row) else "deleted"))]
    except IntegrityError as error:
        refusals = refusals_of(error, db, form, more) if needs_savepoint else []
        if not refusals:
            raise
        return None, refusals
    return row, []


def _refuse_unknown(plan: Plan, more: Mapping[str, Any]) -> None:
    for name in more:
        if not hasattr(plan.model, name):
            meant = did_you_mean(name, mapper_of(plan.model).all_orm_descriptors.keys())
            raise FormError(f"save(db, {name}=...): {plan.model.__name__} has no {name!r}.{meant}")


def _fill(db: Session, form: Filled[Any, Any]) -> Any:
    """Set the attributes that the form class names, and no other; returns the row."""
    plan = plan_of(type(form.value))
    row = plan.model() if form.row is None else form.row
    for name, declared in plan.fields.items():
        facts = declared.facts
        if facts is None or declared.is_version:
            continue
        value = getattr(form.value, name)
        if declared.rows is not None:
            parts = [part for part in form[name].rows if part.value is not None]
            _take_away(db, row, facts.attribute, parts)
            value = [_fill(db, part) for part in parts]
        elif value is None and not facts.may_be_null:
            continue  # left to the column, which has a default
        _set(row, facts.attribute, value)
    return row


def _take_away(db: Session, row: Any, name: str, parts: list[Filled[Any, Any]]) -> None:
    """Delete the rows that are not there anymore before new ones come, which may be the same."""
    kept = [part.row for part in parts if part.row is not None]
    if len(kept) < len(getattr(row, name)):
        setattr(row, name, kept)
        db.flush()


def _set(row: Any, name: str, value: Any) -> None:
    """Set an attribute; one that has the value already is not sent again."""
    try:
        if name not in row.__dict__ or row.__dict__[name] != value:
            setattr(row, name, value)
    except InvalidRequestError as error:
        model = type(row).__name__
        raise FormError(
            f"{model}.{name} is to be saved, and the query did not fetch what it was. "
            f"-> select({model}).options(selectinload({model}.{name}))"
        ) from error


def _lost_update(plan: Plan, form: Filled[Any, Any]) -> Refusal | None:
    """Return why a row must not be changed: somebody else has changed it since it was shown."""
    for name, declared in plan.fields.items():
        if not declared.is_version or declared.facts is None:
            continue
        now = str(getattr(form.row, declared.facts.attribute))
        if form[name].text == now or _is_in_row(plan, form):
            continue
        # Whoever has read the sentence may send it again.
        form[name].hold(now)
        return Refusal("changed")
    return None


def _is_in_row(plan: Plan, form: Filled[Any, Any]) -> bool:
    """Return whether the row has all values already: the second half of a double click."""
    return all(_has(form, name, declared) for name, declared in plan.fields.items())


def _has(form: Filled[Any, Any], name: str, declared: Declaration) -> bool:
    if declared.facts is None or declared.is_version:
        return True
    if declared.rows is not None:
        return False
    return bool(getattr(form.row, declared.facts.attribute) == getattr(form.value, name))
