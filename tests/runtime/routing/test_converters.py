from __future__ import annotations

import re
from datetime import date
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from mtvgen.runtime.http.grammar import has_controls
from mtvgen.runtime.routing.converters import CONVERTERS, MAX_INT


class Colour(str, Enum):  # noqa: UP042  # str() of a StrEnum is its value; of this one it is not
    RED = "red"


class Size(IntEnum):
    SMALL = 1


AN_ID = UUID("ec38df32-ceda-4cfa-9b4a-1aeb94ad551a")


@pytest.mark.parametrize(
    ("converter", "text", "value"),
    [
        ("str", "a b", "a b"),
        ("str", "瓶", "瓶"),
        ("int", "0", 0),
        ("int", "007", 7),
        ("int", "9223372036854775807", MAX_INT),
        ("slug", "A-b_9", "A-b_9"),
        ("uuid", "ec38df32-ceda-4cfa-9b4a-1aeb94ad551a", AN_ID),
        ("uuid", "EC38DF32-CEDA-4CFA-9B4A-1AEB94AD551A", AN_ID),
        ("path", "a", "a"),
        ("path", "a/b//c/", "a/b//c/"),
    ],
)
def test_text_becomes_a_value(converter, text, value):
    parsed = CONVERTERS[converter].parse(text)
    assert parsed == value
    assert type(parsed) is CONVERTERS[converter].type


@pytest.mark.parametrize(
    ("converter", "text"),
    [
        *[(converter, "") for converter in CONVERTERS],
        *[(converter, "7\n") for converter in CONVERTERS],
        *[
            ("int", text)
            for text in ("-1", "+1", " 7", "1_000", "1.0", "x", "\u0667", "\uff17", "²", "7x")
        ],
        ("int", str(MAX_INT + 1)),
        ("int", "0" * 20),
        ("int", "9" * 100_000),
        *[("slug", text) for text in ("é", "a b", "a.b", "a/b", "\u0667")],
        *[("uuid", text) for text in ("x", AN_ID.hex, f"{{{AN_ID}}}", AN_ID.urn, f"{AN_ID}0")],
        ("path", "/a"),
        ("path", "//evil.test"),
    ],
)
def test_other_text_is_no_match(converter, text):
    with pytest.raises(ValueError, match=r"^$"):
        CONVERTERS[converter].parse(text)


@pytest.mark.parametrize(
    ("converter", "value", "text"),
    [
        ("str", "a b", "a b"),
        ("str", 7, "7"),
        ("str", date(2026, 4, 12), "2026-04-12"),
        ("str", Colour.RED, "red"),
        ("str", Markup("<b>"), "<b>"),
        ("int", 0, "0"),
        ("int", MAX_INT, "9223372036854775807"),
        ("int", "007", "7"),
        ("int", Size.SMALL, "1"),
        ("slug", "A-b_9", "A-b_9"),
        ("slug", 7, "7"),
        ("uuid", AN_ID, str(AN_ID)),
        ("uuid", str(AN_ID).upper(), str(AN_ID)),
        ("path", "a/b//c/", "a/b//c/"),
        ("path", PurePosixPath("a/b"), "a/b"),
    ],
)
def test_a_value_becomes_text(converter, value, text):
    made = CONVERTERS[converter].format(value)
    assert made == text
    assert type(made) is str


@pytest.mark.parametrize(
    ("converter", "value"),
    [
        *[(converter, "") for converter in CONVERTERS],
        *[(converter, None) for converter in CONVERTERS],
        *[(converter, object()) for converter in CONVERTERS],
        *[(converter, b"7") for converter in CONVERTERS],
        *[(converter, ["7"]) for converter in CONVERTERS],
        *[(converter, f"a{character}b") for converter in CONVERTERS for character in "\r\n\0"],
        ("str", "a/b"),
        ("int", -1),
        ("int", MAX_INT + 1),
        pytest.param("int", 10**100_000, id="int-too long for str()"),
        ("int", True),
        ("int", 7.0),
        ("int", "x"),
        ("slug", "a b"),
        ("uuid", "x"),
        ("uuid", AN_ID.hex),
        ("path", "/a"),
    ],
)
def test_a_value_without_a_place_in_a_path_is_refused(converter, value):
    with pytest.raises(ValueError, match=r"^$"):
        CONVERTERS[converter].format(value)


@given(value=st.integers(0, MAX_INT))
def test_an_int_comes_back(value):
    converter = CONVERTERS["int"]
    assert converter.parse(converter.format(value)) == value


@given(text=st.text())
@example(text="/")
def test_no_text_breaks_a_converter(text):
    for converter in CONVERTERS.values():
        given_text = text if converter.name == "path" else text.replace("/", "")
        try:
            value = converter.parse(given_text)
        except ValueError:
            continue
        assert type(value) is converter.type
        assert re.fullmatch(converter.regex, given_text)
        if not has_controls(given_text):  # no path arrives with one, so none is made
            assert converter.parse(converter.format(value)) == value
