from __future__ import annotations

from uuid import UUID

import pytest

from mtvgen.runtime.converters import CONVERTERS, MAX_INT

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
        *[("int", text) for text in ("-1", "+1", " 7", "1_000", "1.0", "x", "٧", "७", "²", "7x")],
        ("int", str(MAX_INT + 1)),
        ("int", "0" * 20),
        ("int", "9" * 100_000),
        *[("slug", text) for text in ("é", "a b", "a.b", "a/b", "٧")],
        *[("uuid", text) for text in ("x", AN_ID.hex, f"{{{AN_ID}}}", AN_ID.urn, f"{AN_ID}0")],
        ("path", "/a"),
        ("path", "//evil.test"),
    ],
)
def test_other_text_is_no_match(converter, text):
    with pytest.raises(ValueError, match="^$"):
        CONVERTERS[converter].parse(text)
