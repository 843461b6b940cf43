"""What was sent becomes values, or a sentence at each field that is wrong; nothing is lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

import pytest

from mtvgen.runtime.forms import Form, FormError, hint, least, most, password, textarea
from tests.support.shop import GOOD, Colour, Maker, ProductForm, Tag


def test_every_value_has_its_type(sent, memory):
    def read(request):
        form = ProductForm.read(request)
        value = form.value
        return form.errors, value, value and (value.maker.name, [tag.name for tag in value.tags])

    errors, value, chosen = sent(read, memory, data=GOOD)

    assert errors == {}
    assert (value.code, value.name, value.text) == ("AB-12", "Tea", "Leaves,\ndried.")
    assert (value.price, value.stock, value.colour) == (Decimal("12.50"), 3, Colour.RED)
    assert value.sold_from == date(2026, 3, 31)
    assert value.announced == datetime(2026, 3, 30, 12, 15, tzinfo=UTC)
    assert value.listed is True
    assert isinstance(value.maker, Maker)
    assert isinstance(value.tags[0], Tag)
    assert chosen == ("Ada & Co", ["green", "warm"])


def test_every_mistake_is_told_once_and_all_at_once(sent, memory):
    form = sent(ProductForm.read, memory, data={"stock": "many", "price": "1,234"})

    assert form.value is None
    assert form.status == 422
    assert form.errors == {
        "code": "Fill this in.",
        "name": "Fill this in.",
        "price": "Write 1234 or 1.234: 1,234 can mean either.",
        "stock": "Write a whole number, such as 12.",
        "colour": "Choose one.",
        "maker": "Choose one.",
    }


def test_what_only_the_whole_form_knows_is_asked_when_each_field_is_right(sent, memory):
    form = sent(ProductForm.read, memory, data=GOOD | {"stock": "0"})

    assert form.errors == {"stock": "What is listed must be in stock."}
    assert form.value is None


def test_a_get_shows_the_form_as_it_is_at_first(sent, memory):
    form = sent(ProductForm.read, memory, method="GET")

    assert (form.value, form.errors, form.status, form.is_sent) == (None, {}, 200, False)
    assert form["stock"].text == "0"
    assert form["code"].text == ""


def wide(text):
    """A text as an East Asian keyboard types it: full-width digits and signs."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


class Everything(Form):
    text: str | None
    long: Annotated[str | None, textarea]
    secret: Annotated[str | None, password]
    whole: int | None
    decimal: Decimal | None
    number: float | None
    day: date | None
    moment: datetime | None
    hour: time | None
    size: Literal["s", "m"] | None
    sizes: list[Literal["s", "m"]]
    agreed: bool
    colours: list[Colour]


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("text", " \u3000Tea ", "Tea"),
        ("text", "茶 🍵", "茶 🍵"),
        ("text", " \t ", None),
        ("long", "a\r\nb\rc", "a\nb\nc"),
        ("secret", " x ", " x "),
        ("whole", wide("12"), 12),
        ("whole", wide("-3"), -3),
        ("whole", "\u22123", -3),
        ("whole", "+12", 12),
        ("whole", "1.0", 1),
        ("whole", "1e2", 100),
        ("whole", "+1e3", 1000),
        ("whole", "1,234,567", 1234567),
        ("whole", "1 234", 1234),
        ("whole", "9223372036854775807", 2**63 - 1),
        ("whole", "007", 7),
        ("decimal", "3,5", Decimal("3.5")),
        ("decimal", "1,234.50", Decimal("1234.50")),
        ("decimal", "1.234,50", Decimal("1234.50")),
        ("decimal", "1'234.5", Decimal("1234.5")),
        ("decimal", "0,125", Decimal("0.125")),
        ("decimal", "1.234", Decimal("1.234")),
        ("decimal", wide("12.5"), Decimal("12.5")),
        ("decimal", wide("12,5"), Decimal("12.5")),
        ("decimal", "1e2", Decimal(100)),
        ("decimal", ".5", Decimal("0.5")),
        ("number", "1e-3", 0.001),
        ("number", "-0", -0.0),
        ("day", "2026-03-31", date(2026, 3, 31)),
        ("day", wide("2026") + "-03-31", date(2026, 3, 31)),
        ("moment", "2026-03-31T14:30", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("moment", "2026-03-31 14:30:15.5", datetime(2026, 3, 31, 14, 30, 15, 500000, UTC)),
        ("moment", "2026-03-31T14:30:00Z", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("moment", "2026-03-31T14:30+02:00", datetime(2026, 3, 31, 12, 30, tzinfo=UTC)),
        ("hour", "14:30", time(14, 30)),
        ("size", "m", "m"),
        ("sizes", ["m", "s", "m", ""], ["m", "s"]),
        ("agreed", ["", "on"], True),
        ("agreed", "false", False),
        ("colours", ["RED"], [Colour.RED]),
    ],
)
def test_a_value_is_understood_as_it_was_meant(sent, field, typed, value):
    form = sent(Everything.read, data={field: typed})

    assert form.errors == {}
    assert getattr(form.value, field) == value


WHOLE = "Write a whole number, such as 12."
NUMBER = "Write a number, such as 12.5."
DATE = "Write a date, such as 2026-03-31."


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("whole", "1,5", WHOLE),
        ("whole", "1.5", WHOLE),
        ("whole", "²", WHOLE),
        ("whole", "٣", WHOLE),
        ("whole", "1_0", WHOLE),
        ("whole", "0x10", WHOLE),
        ("whole", "1e-1", WHOLE),
        ("whole", "9" * 30, "Write 9223372036854775807 or less."),
        ("whole", "1e999", "Write 9223372036854775807 or less."),
        ("whole", "-1e999", "Write -9223372036854775808 or more."),
        ("whole", "9" * 10_000, WHOLE),
        ("whole", "1e99999999", WHOLE),
        ("whole", "1,234", "Write 1234 or 1.234: 1,234 can mean either."),
        ("decimal", "NaN", NUMBER),
        ("decimal", "Infinity", NUMBER),
        ("decimal", "1e999", NUMBER),
        ("decimal", "1,2,3", NUMBER),
        ("decimal", "1.2.3", NUMBER),
        ("decimal", "12,34.5", NUMBER),
        ("number", "1e999", NUMBER),
        ("day", "31 February", DATE),
        ("day", "2026-02-31", "There is no such day."),
        ("day", "0000-01-01", "There is no such day."),
        ("day", "20260331", DATE),
        ("moment", "2026-03-31", "Write a date and a time, such as 2026-03-31 14:30."),
        ("moment", "2026-02-30T10:00", "There is no such day."),
        ("moment", "2026-03-31T14:30+99:00", "Write a date and a time, such as 2026-03-31 14:30."),
        ("moment", "0001-01-01T00:00+02:00", "Write a date and a time, such as 2026-03-31 14:30."),
        ("hour", "25:00", "Write a time, such as 14:30."),
        ("size", "xl", "Choose one of those that are offered."),
        ("sizes", ["s", "xl"], "Choose one of those that are offered."),
        ("colours", ["red"], "Choose one of those that are offered."),
    ],
)
def test_what_is_not_understood_is_asked_back_and_kept_as_it_was_typed(
    sent, field, typed, sentence
):
    form = sent(Everything.read, data={field: typed})

    assert form.errors == {field: sentence}
    assert form[field].texts == ([typed] if isinstance(typed, str) else typed)
    assert form["text"].message == ""


def test_the_first_of_several_values_counts_where_there_is_one(sent):
    form = sent(Everything.read, data={"whole": ["1", "two"]})

    assert form.value.whole == 1


class Late(Form):
    starts: datetime


@pytest.mark.parametrize(
    ("typed", "result"),
    [
        ("2026-07-01T12:00", "2026-07-01T10:00:00+00:00"),
        ("2026-03-29T02:30", "There is no such time on that day: the clocks are put forward."),
        ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),  # the first of two
        ("0001-01-01T00:00", "Write a date and a time, such as 2026-03-31 14:30."),
    ],
)
def test_a_moment_is_one_of_the_clocks_of_the_site(sent, typed, result):
    berlin = {"time_zone": "Europe/Berlin"}
    form = sent(Late.read, data={"starts": typed}, options=berlin)

    assert (form.errors.get("starts") or form.value.starts.isoformat()) == result
    assert form["starts"].text == typed


class Bounded(Form):
    name: Annotated[str, least(3), most(5)]
    size: Annotated[int, least(1), most(9)]
    day: Annotated[date, least(date(2026, 1, 1)), most(date(2026, 12, 31))]
    colours: Annotated[list[Colour], least(1), most(1)]
    word: Annotated[str, lambda value: "No." if value == "no" else None] = "yes"
    agreed: Literal[True]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "ab", "Write 3 characters at least."),
        ("name", "abcdef", "Write 5 characters at most; there are 6."),
        ("name", "x" * 10_000, "Write 5 characters at most; there are 10,000."),
        ("size", "0", "Write 1 or more."),
        ("size", "10", "Write 9 or less."),
        ("day", "2025-12-31", "Choose 2026-01-01 or later."),
        ("day", "2027-01-01", "Choose 2026-12-31 or earlier."),
        ("colours", [], "1 at least."),
        ("colours", ["RED", "DARK_BLUE"], "1 at most."),
        ("word", "no", "No."),
        ("agreed", "", "Tick this box."),
    ],
)
def test_a_bound_is_told_with_its_limit(sent, field, typed, sentence):
    good = {"name": "茶茶茶茶茶", "size": "5", "day": "2026-05-05", "colours": "RED", "agreed": "1"}
    assert sent(Bounded.read, data=good).errors == {}

    assert sent(Bounded.read, data=good | {field: typed}).errors == {field: sentence}


def test_emoji_count_as_one_character(sent):
    class Short(Form):
        text: Annotated[str, most(3)]

    assert sent(Short.read, data={"text": "🍵🍵🍵"}).errors == {}


def test_a_prefix_keeps_two_forms_of_a_page_apart(sent):
    class Word(Form):
        text: str

    def read(request):
        return Word.read(request, prefix="a"), Word.read(request, prefix="b")

    first, second = sent(read, data={"b.text": "Tea"})

    assert (first.value, first.errors, first.is_sent) == (None, {}, False)
    assert second.value == Word(text="Tea")
    assert 'id="b.text" name="b.text"' in second["text"].attributes


def test_a_form_value_is_made_without_a_request():
    class Trip(Form):
        starts: date
        ends: date
        where: str = "home"

        def mistakes(self):
            if self.ends < self.starts:
                yield "ends", "It ends before it begins."

    trip = Trip(starts=date(2026, 1, 2), ends=date(2026, 1, 1))

    assert dict(trip.mistakes()) == {"ends": "It ends before it begins."}
    assert trip == Trip(starts=date(2026, 1, 2), ends=date(2026, 1, 1), where="home")
    with pytest.raises(FormError, match="can't be set"):
        trip.where = "away"
    with pytest.raises(FormError, match=r"Trip\(\.\.\.\) needs ends\."):
        Trip(starts=date(2026, 1, 2))
    with pytest.raises(FormError, match=r"A request is read: Trip\.read\(request\)"):
        Trip("request")
    with pytest.raises(FormError, match="Trip has no begins"):
        Trip(starts=date(2026, 1, 2), ends=date(2026, 1, 2), begins=1)


def test_a_view_refuses_what_only_it_knows(sent):
    form = sent(
        Bounded.read,
        data={"name": "Tea", "size": "1", "day": "2026-01-01", "colours": "RED", "agreed": "on"},
    )
    assert form.value is not None
    form.refuse("name", "Not this one.")
    form.refuse("", "Not today.")

    assert form.value is None
    assert form.errors == {"": "Not today.", "name": "Not this one."}
    assert form.error == '<p id="form-error" class="error" role="alert">Not today.</p>'
    with pytest.raises(FormError, match=r"Bounded has no 'nmae'\. Did you mean 'name'\?"):
        form.refuse("nmae", "No.")


class Clear(Enum):
    ONE_TWO = 12


def test_a_mistake_in_a_class_is_told_with_its_field_and_its_cure(sent):
    class Odd(Form):
        bytes: bytes

    class Twice(Form):
        what: int | str

    class Taken(Form):
        read: str

    class Extra(Form):
        text: Annotated[str, "a comment"]

    class Choose(Form):
        maker: Maker

    for form, message in [
        (Odd, "Odd.bytes: bytes is not a type of a field. -> str, int, "),
        (Twice, r"Twice.what: int \| str is not a type of a field"),
        (Taken, r"Taken.read: 'read' is a method of every form. -> read_: .*column\(\"read\"\)"),
        (Extra, "Extra.text: 'a comment' is not an extra of a field. -> "),
        (Choose, "Choose.maker: which rows of Maker are there to choose?"),
    ]:
        with pytest.raises(FormError, match=message):
            form.of(None)
    with pytest.raises(FormError, match="'of' is a method of every form"):
        type("Default", (Form,), {"of": 1})


def test_a_hint_is_tied_to_its_field():
    class Asked(Form):
        name: Annotated[str, hint("As in your passport.")]

    field = Asked.of(None)["name"]

    assert field.error == '<span id="name-hint" class="hint">As in your passport.</span>'
    assert 'aria-describedby="name-hint"' in field.attributes


def test_a_label_of_an_enum_is_its_text_or_its_name():
    class Show(Form):
        colour: Colour
        clear: Clear | None

    form = Show.of(None)

    assert [(o.value, o.label) for o in form["colour"].options] == [
        ("RED", "red"),
        ("DARK_BLUE", "dark blue"),
    ]
    assert [option.label for option in form["clear"].options] == ["One two"]
