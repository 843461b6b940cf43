"""JSON as a request carries it (RFC 8259), and nothing that can't be written again."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# An escaped half of a surrogate pair: "\ud83d\ude00" is one character, "\ud83d" alone is none.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def decode_json(data: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Stricter than json.loads(), which takes values that are no JSON and that fail later, when they
    are stored or sent: NaN, Infinity, numbers beyond a float, and halves of surrogate pairs
    (RFC 7493, sections 2.1 and 2.2).

    Raises:
        ValueError: It is none.
        RecursionError: It is nested deeper than Python goes.
    """
    text = data.decode()
    value = _decode(text)
    if _SURROGATE.search(text):
        _write(value).encode()
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is beyond what a float holds")
    return number


# Made once: json.loads() with arguments would make a decoder for each call.
_decode = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite).decode
_write = json.JSONEncoder(ensure_ascii=False).encode
