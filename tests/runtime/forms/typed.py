"""Checked by mypy --strict and by pyright, and never run: every value of a form is known."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, assert_type

from mtvgen.runtime.forms import Field, Filled, Form
from tests.support.shop import Maker, Product, ProductForm, Tag

if TYPE_CHECKING:
    from mtvgen.runtime import Request


class SearchForm(Form):
    word: str = ""


def right(request: Request, product: Product) -> None:
    form = ProductForm.read(request, product)
    assert_type(form, Filled[ProductForm, Product])
    assert_type(form["code"], Field)
    assert_type(form.value, ProductForm | None)
    assert_type(form.save(request.db, secret="x"), Product | None)
    assert_type(form.errors, dict[str, str])
    if form.value:
        assert_type(form.value.price, Decimal)
        assert_type(form.value.maker, Maker)
        assert_type(form.value.tags, list[Tag])
    assert_type(SearchForm.read(request).value, SearchForm | None)
    assert_type(SearchForm(word="x").word, str)
    ProductForm.of(product)


def wrong(request: Request, maker: Maker) -> None:
    form = ProductForm.read(request)
    print(form.vlaue)  # error: attr-defined
    print(form["code"].atributes)  # error: attr-defined
    print(form.price)  # error: attr-defined
    ProductForm.of(maker)  # error: arg-type
    ProductForm.read(request, maker)  # error: arg-type
    SearchForm(wrod="x")  # error: call-arg
    SearchForm(word=7)  # error: arg-type
    SearchForm("x")  # error: call-arg
    if form.value:
        print(form.value.cod)  # error: attr-defined
        form.value.price = Decimal(1)  # error: misc
        print(form.value.maker.nmae)  # error: attr-defined
