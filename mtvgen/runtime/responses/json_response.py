"""json_response(): a value as JSON (RFC 8259)."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from mtvgen.runtime.http.json_values import explain_unwritable
from mtvgen.runtime.responses.response import HeaderItems, Response

JSON = "application/json"


def json_response(value: Any, status: int = 200, headers: HeaderItems | None = None) -> Response:
    """Return a value as JSON (RFC 8259), in UTF-8; dates, times, UUIDs and decimals become text.

    A view that returns a dict or a list gets this with status 200.

    Args:
        value: What JSON holds: dicts, lists, text, numbers, true, false, null.
        status: A status code.
        headers: Header fields to add.

    Raises:
        TypeError: Something in it can't be written as JSON.
        ValueError: A number is NaN or infinite, which JSON has no word for.
    """
    try:
        text = _encode_json(value)
    except (TypeError, ValueError) as error:
        explain_unwritable(error, value, _encode_json)
        raise
    return Response(text, status, headers, content_type=JSON)


def _json_default(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{value!r} ({type(value).__name__}) can't be written as JSON.")


# One encoder for all: json.dumps() with arguments would make a new one each time.
# NaN and Infinity are no JSON, and JSON.parse() in a browser refuses them.
_encode_json = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_json_default
).encode
