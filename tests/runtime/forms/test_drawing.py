"""Fields in a template: attributes, errors, options; nothing that was typed breaks out of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

import pytest
from jinja2 import UndefinedError

from mtvgen.runtime import Application, Templates, path, render
from mtvgen.runtime.forms import Form, hint, least, most, password, textarea
from mtvgen.runtime.forms.context import Context
from mtvgen.runtime.forms.kinds.numbers import DecimalNumber
from mtvgen.runtime.testing import Client


class Size(Enum):
    SMALL = "small <s>"
    LARGE = "large"


class Shown(Form):
    name: str
    price: Annotated[Decimal, least(0), most(9)] = Decimal(1)
    day: date | None
    size: Size
    sizes: list[Size]
    secret: Annotated[str | None, password]
    note: Annotated[str, textarea, hint("Be <brief>.")] = ""
    agreed: bool
    other: Size | None
    terms: Literal[True]
    items: str = "x"
    value: str = "y"


@pytest.mark.parametrize(
    ("field", "typed", "attributes"),
    [
        ("name", '"><script>', 'type="text" value="&#34;&gt;&lt;script&gt;" required'),
        ("price", "2.5", 'type="number" value="2.5" min="0" max="9" step="any"'),
        # Chromium makes nothing of <input type="number" value="1,5">.
        ("price", "1,5", 'type="text" value="1,5"'),
        ("price", "two", 'type="text" value="two" aria-invalid="true" aria-describedby='),
        ("day", "2026-03-31", 'type="date" value="2026-03-31"'),
        ("day", "31 February", 'type="text" value="31 February" aria-invalid="true"'),
        ("secret", "hunter2", 'type="password"'),
        ("agreed", "on", 'type="checkbox" checked'),
        ("size", "SMALL", 'id="size" name="size" required'),
        ("note", "x", 'id="note" name="note" aria-describedby="note-hint"'),
        ("sizes", "XL", 'aria-describedby="sizes-error"'),
    ],
)
def test_attributes_hold_what_was_typed(sent, field, typed, attributes):
    form = sent(Shown.read, data={field: typed})

    assert attributes in form[field].attributes
    assert "hunter2" not in form[field].attributes


def test_the_first_wrong_field_gets_the_cursor(sent):
    form = sent(Shown.read, data={"name": "x", "price": "two"})

    assert [name for name, field in form.items() if "autofocus" in field.attributes] == ["price"]
    form.refuse("name", "No.")
    assert [name for name, field in form.items() if field.has_focus] == ["name"]


def test_an_error_and_a_hint_are_elements_that_the_field_names(sent):
    form = sent(Shown.read, data={"note": "\ud83d".encode("utf-8", "surrogatepass")})
    form.refuse("note", "<No>")

    assert form["note"].error == (
        '<span id="note-hint" class="hint">Be &lt;brief&gt;.</span> '
        '<span id="note-error" class="error">&lt;No&gt;</span>'
    )
    assert 'aria-describedby="note-hint note-error"' in form["note"].attributes
    assert form["day"].error == ""


def test_options_are_drawn_as_a_select_or_one_by_one(sent):
    form = sent(Shown.read, data={"size": "LARGE", "sizes": ["SMALL"]})

    assert form["size"].options.__html__() == (
        '<option value="">Choose one</option>\n'
        '<option value="SMALL">small &lt;s&gt;</option>\n'
        '<option value="LARGE" selected>large</option>'
    )
    assert [option.attributes for option in form["size"].options] == [
        'id="size" name="size" value="SMALL" type="radio" required',
        'id="size-1" name="size" value="LARGE" type="radio" checked required',
    ]
    assert form["sizes"].options[0].attributes == (
        'id="sizes" name="sizes" value="SMALL" type="checkbox" checked'
    )
    assert "Choose one" not in form["sizes"].options.__html__()
    assert form["other"].options.__html__().startswith('<option value="">(none)</option>')


def test_a_mistake_in_boxes_is_tied_to_the_fieldset_around_them(sent):
    form = sent(Shown.read, data={"sizes": "XL"})

    assert form["sizes"].group == 'aria-describedby="sizes-error"'
    assert form["size"].group == 'aria-describedby="size-error"'
    assert form["day"].group == ""


def test_a_box_that_has_to_be_ticked_is_shown_before_it_is(sent):
    for method in ("GET", "POST"):
        form = sent(Shown.read, method=method)
        assert form["terms"].is_ticked is False
        assert 'name="terms" type="checkbox" required' in form["terms"].attributes


@pytest.fixture
def shown(tmp_path):
    def show(source):
        (tmp_path / "form.html").write_text(source)

        def view(request):
            return render(request, "form.html", form=Shown.read(request))

        site = Application([path("/", view, name="form")], templates=Templates(tmp_path))
        return Client(site).get("/").text

    return show


def test_a_template_has_a_field_before_what_a_form_has_of_its_own(shown):
    page = shown("{{ form.items.text }}{{ form.value.text }}{{ form.status }}{{ form.error }}")

    assert page == "xy200"
    assert 'value="1"' in shown("<input {{ form.price.attributes }}>")
    assert "&lt;s&gt;</option>" in shown("<select>{{ form.size.options }}</select>")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ form.nmae.text }}", "the dict has no 'nmae' .*Did you mean 'name'"),
        ("{{ form.name.atributes }}", "Field has no 'atributes' .*Did you mean 'attributes'"),
    ],
)
def test_a_slip_in_a_template_is_told(shown, source, message):
    with pytest.raises(UndefinedError, match=message):
        shown(source)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (DecimalNumber(), "9.5000000000", "9.5"),
        (DecimalNumber(), "10.0000000000", "10"),
        (DecimalNumber(), "100", "100"),
        (DecimalNumber(8, 2), "9.50", "9.50"),
    ],
)
def test_a_decimal_has_the_digits_of_its_column(kind, value, text):
    """SQLite gives one without a scale back with ten digits behind its point."""
    assert kind.texts_of(Decimal(value), Context("", None, None, {})) == [text]
