"""The form of five fields in Pydantic."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError


class ProductForm(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    text: Annotated[str, Field(max_length=500)] = ""
    stock: Annotated[int, Field(ge=0)]
    price: Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]
    listed: bool = False


def reader(typed: dict[str, str]) -> Callable[[], Any]:
    """What is timed: the values, or how many fields have a mistake."""
    # To it, "" is a mistake: a box that is not ticked must not be there.
    data = {name: text for name, text in typed.items() if text or name != "listed"}

    def call() -> Any:
        try:
            form = ProductForm.model_validate(data)
        except ValidationError as error:
            return error.error_count()
        return form.name, form.stock, form.price, form.listed

    return call
