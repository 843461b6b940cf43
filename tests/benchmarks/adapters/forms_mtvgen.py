"""The form of five fields in mtvgen."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import urlencode

from mtvgen.runtime import Application, Request
from mtvgen.runtime.forms import Form, least, most


def places(value: Decimal) -> str | None:
    return "Two places." if -int(value.as_tuple().exponent) > 2 else None


class ProductForm(Form):
    name: Annotated[str, most(80)]
    text: Annotated[str, most(500)] = ""
    stock: Annotated[int, least(0)]
    price: Annotated[Decimal, least(0), places]
    listed: bool


def reader(typed: dict[str, str]) -> Callable[[], Any]:
    """What is timed: the values, or how many fields have a mistake."""
    body = urlencode(typed).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    request = Request(environ, Application([]))
    assert len(request.form) == len(typed)  # parsed, as for everybody else

    def call() -> Any:
        form = ProductForm.read(request)
        value = form.value
        if value is None:
            return len(form.errors)
        return value.name, value.stock, value.price, value.listed

    return call
