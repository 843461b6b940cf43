"""The form of five fields in WTForms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DecimalField, Form, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError


def places(form: Any, field: Any) -> None:
    if -int(field.data.as_tuple().exponent) > 2:
        raise ValidationError("Two places.")


class ProductForm(Form):
    name = StringField(validators=[InputRequired(), Length(max=80)])
    text = StringField(validators=[Optional(), Length(max=500)])
    stock = IntegerField(validators=[InputRequired(), NumberRange(min=0)])
    price = DecimalField(places=2, validators=[InputRequired(), NumberRange(min=0), places])
    listed = BooleanField()


def reader(typed: dict[str, str]) -> Callable[[], Any]:
    """What is timed: the values, or how many fields have a mistake."""
    data = MultiDict(typed)

    def call() -> Any:
        form = ProductForm(data)
        if not form.validate():
            return len(form.errors)
        return form.name.data, form.stock.data, form.price.data, form.listed.data

    return call
