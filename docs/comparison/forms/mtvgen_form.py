"""The form in mtvgen: its class and its view."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from mtvgen.runtime import Request, Response, get_or_404, redirect, render
from mtvgen.runtime.forms import Form, least, pattern, rows
from mtvgen_shop import Colour, Maker, Product, Tag, serve


class ProductForm(Form[Product]):
    code: Annotated[str, pattern("[A-Z]{2}-[0-9]+", "Two capitals, a dash, digits: AB-12.")]
    name: str
    text: str = ""
    price: Annotated[Decimal, least(0)]
    stock: Annotated[int, least(0)] = 0
    colour: Colour
    sold_from: date | None = None
    listed: bool = False
    maker: Annotated[Maker, rows("name")]
    tags: Annotated[list[Tag], rows("name")]


def edit(request: Request, id: int | None = None) -> Response:
    product = get_or_404(request.db, Product, id) if id else None
    form = ProductForm.read(request, product)
    if saved := form.save(request.db):
        return redirect(request.url_for("product", id=saved.id))
    return render(request, "product.html", status_code=form.status, form=form)


if __name__ == "__main__":
    serve(edit)
