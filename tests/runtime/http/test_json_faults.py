"""Which part of a value can't be written as JSON, and what to write instead."""

from __future__ import annotations

import pytest

from mtvgen.runtime import json_response


class Event:
    def __repr__(self) -> str:
        return "<Event 1>"


ROUND = [1]
ROUND.append(ROUND)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Event(), r"^<Event 1> \(Event\) can't be written as JSON\. Write a dict of its fields\.$"),
        (
            {"events": [Event()]},
            r"JSON\. It is events\[0\] in the value\. Write a dict of its fields\.$",
        ),
        ([{"first name": Event()}], r"It is \[0\]\['first name'\] in the value\."),
        ({"ids": {7: {1, 2}}}, r"It is ids\[7\] in the value\. Write a list of it\."),
        ((0, {"price": float("nan")}), r"\[1\]\.price in the value\. Write None, or a string\."),
        ({(1, 2): 3}, r"^keys must be str"),
        (ROUND, r"^Circular reference detected"),
    ],
    ids=str,
)
def test_the_part_is_named(value: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        json_response(value)
