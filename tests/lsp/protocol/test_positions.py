"""Columns are counted in the units that were agreed on, whatever is written before them."""

from __future__ import annotations

import pytest

from mtvgen.checks.places import Place
from mtvgen.lsp.protocol.positions import Lines, agreed_encoding

TEXT = "中文 {{ a }}\r\n😀{{ b }}\r\ttab\nend"


def range_of(text: str, encoding: str, *place: int) -> tuple[int, ...]:
    found = Lines(text, encoding).range(Place("", *place))
    return tuple(found[side][part] for side in ("start", "end") for part in ("line", "character"))


@pytest.mark.parametrize(
    ("encoding", "first", "second"),
    [
        ("utf-16", (0, 6, 0, 7), (1, 5, 1, 6)),
        ("utf-8", (0, 10, 0, 11), (1, 7, 1, 8)),
        ("utf-32", (0, 6, 0, 7), (1, 4, 1, 5)),
    ],
)
def test_a_place_is_a_range_behind_chinese_text_and_astral_signs(encoding, first, second):
    assert range_of(TEXT, encoding, 1, 7, 1, 8) == first
    assert range_of(TEXT, encoding, 2, 5, 2, 6) == second


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_each_position_of_a_text_leads_back_to_its_offset(encoding):
    lines = Lines(TEXT, encoding)
    for offset, character in enumerate(TEXT):
        if character == "\n" and TEXT[offset - 1] == "\r":
            continue  # inside of one end of a line, which no position names
        line = TEXT[:offset].replace("\r\n", "\n").replace("\r", "\n").count("\n")
        start = max(TEXT.rfind(end, 0, offset) for end in "\r\n") + 1
        before = TEXT[start:offset]
        units = len(before.encode(encoding.replace("-16", "-16-le").replace("-32", "-32-le")))
        units //= {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        assert lines.offset({"line": line, "character": units}) == offset


def test_a_byte_order_mark_is_a_column_for_the_client_and_none_for_the_checks():
    text = "\ufeff{{ a }}\n{{ b }}"
    assert range_of(text, "utf-16", 1, 4, 1, 5) == (0, 4, 0, 5)
    assert range_of(text, "utf-16", 2, 4, 2, 5) == (1, 3, 1, 4)
    assert Lines(text, "utf-16").point({"line": 0, "character": 4}) == (1, 4)
    assert Lines(text, "utf-16").checks_offset({"line": 0, "character": 4}) == 3


def test_what_is_said_of_a_line_is_shown_at_what_is_written_in_it():
    assert range_of("a\n  {% if %}  \n", "utf-16", 2, 1, 2, 1) == (1, 2, 1, 10)
    assert range_of("", "utf-16", 1, 1, 1, 1) == (0, 0, 0, 0)


def test_positions_behind_the_end_are_the_end():
    lines = Lines("ab\ncd", "utf-16")
    assert lines.offset({"line": 0, "character": 99}) == 2
    assert lines.offset({"line": 99, "character": 0}) == 5


def test_utf_8_is_taken_where_both_know_it():
    assert agreed_encoding(["utf-16", "utf-8"]) == "utf-8"
    assert agreed_encoding([]) == agreed_encoding(["utf-32"]) == "utf-16"
