"""A search in the query string, and the same form by JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import pytest

from mtvgen.runtime.forms import Form, least
from tests.support.orders import OrderForm
from tests.support.shop import Product, ProductForm, a_product


class SearchForm(Form):
    word: str = ""
    at_least: Annotated[int | None, least(1)]
    kind: Literal["all", "new"] = "all"


def test_a_search_is_read_from_the_query_whatever_the_method(sent):
    form = sent(SearchForm.read_query, method="GET", query_string={"word": " tea ", "page": "2"})

    assert form.value == SearchForm(word="tea", at_least=None, kind="all")
    assert (form.status, form["word"].text) == (200, " tea ")


def test_a_query_without_a_field_has_not_been_sent(sent):
    form = sent(SearchForm.read_query, method="GET", query_string={"page": "2"})

    assert (form.value, form.errors, form.is_sent) == (None, {}, False)


def test_a_wrong_search_says_so(sent):
    form = sent(SearchForm.read_query, method="GET", query_string={"at_least": "0", "kind": "x"})

    assert form.errors == {
        "at_least": "Write 1 or more.",
        "kind": "Choose one of those that are offered.",
    }
    assert form.status == 422


JSON = {
    "code": "AB-12",
    "name": "Tea",
    "price": 12.50,
    "stock": 3,
    "colour": "RED",
    "listed": True,
    "sold_from": None,
    "announced": "2026-03-30T12:15",
    "maker": 1,
    "tags": [2, "1"],
}


def test_a_program_sends_the_same_product(sent, database):
    def save(request):
        form = ProductForm.read_json(request)
        row = form.save(request.db)
        return (row.price, row.maker_id, [tag.id for tag in row.tags]) if row else form.errors

    assert sent(save, database, json=JSON) == (Decimal("12.50"), 1, [2, 1])
    assert sent(save, database, json=JSON)["code"] == "This is taken already."


def test_a_decimal_has_the_digits_that_were_sent(sent):
    class Exact(Form):
        number: Decimal

    body = b'{"number": 0.1234567890123456789012345678901234567890}'
    form = sent(Exact.read_json, data=body, content_type="application/json")

    assert str(form.value.number) == "0.1234567890123456789012345678901234567890"


@pytest.mark.parametrize(
    ("part", "errors"),
    [
        ({"name": 7}, {"name": "Send a string."}),
        ({"name": None}, {"name": "Fill this in."}),
        ({"price": True}, {"price": "Send a number."}),
        ({"price": [1]}, {"price": "Send a number."}),
        ({"stock": 1.5}, {"stock": "Write a whole number, such as 12."}),
        ({"stock": 10**30}, {"stock": "Write 2147483647 or less."}),
        ({"listed": "yes"}, {"listed": "Send true or false."}),
        ({"tags": 1}, {"tags": "Send a list."}),
        ({"tags": [True]}, {"tags": "Send a string."}),
        ({"tags": [9]}, {"tags": "Choose one of those that are offered."}),
        ({"maker": {}}, {"maker": "Send a string."}),
        ({"announced": 7}, {"announced": "Send a string."}),
        ({"colour": "GREEN"}, {"colour": "Choose one of those that are offered."}),
        (
            {"cod": 1, "x" * 99: 2},
            {"cod": "There is no such field.", "x" * 50: "There is no such field."},
        ),
        ({"stock": 0}, {"stock": "What is listed must be in stock."}),
    ],
)
def test_a_value_of_another_type_is_told_at_its_field(sent, memory, part, errors):
    form = sent(ProductForm.read_json, memory, json=JSON | part)

    assert (form.errors, form.value, form.status) == (errors, None, 422)


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "7"])
def test_what_is_not_an_object_is_one_mistake(sent, body):
    form = sent(ProductForm.read_json, data=body, content_type="application/json")

    assert form.errors == {"": "Send an object."}


def test_an_answer_is_small_however_much_is_wrong(sent):
    form = sent(SearchForm.read_json, json={f"{n}" * 100: 0 for n in range(1_000)})

    assert len(form.errors) == 10


def test_what_is_left_out_stays_as_it_is(sent, database):
    with database.session() as db:
        db.add(a_product())

    def change(request):
        form = ProductForm.read_json(request, request.db.get_one(Product, 1))
        row = form.save(request.db)
        return (row.name, row.listed, row.price) if row else form.errors

    assert sent(change, database, json={"name": "Cocoa"}) == ("Cocoa", True, Decimal("3.00"))


def test_lines_are_a_list_of_objects(sent):
    line = {"what": "Tea", "price": 1}
    form = sent(OrderForm.read_json, json={"customer": "Ada", "lines": [line]})
    assert form.value.lines[0].count == 1

    wrong = [{}, {"what": 7, "price": 1, "cuont": 1}]
    form = sent(OrderForm.read_json, json={"customer": "Ada", "lines": wrong})
    assert form.errors == {
        "lines.0.what": "Fill this in.",
        "lines.0.price": "Fill this in.",
        "lines.1.what": "Send a string.",
        "lines.1.cuont": "There is no such field.",
    }
    for lines, message in [(7, "Send a list."), ([7], "Send an object.")]:
        form = sent(OrderForm.read_json, json={"customer": "Ada", "lines": lines})
        assert form.errors == {"lines": message}
