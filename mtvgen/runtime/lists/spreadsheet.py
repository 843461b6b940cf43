"""CSV files that spreadsheets open (RFC 4180), and that start no formula in them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import Enum
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from mtvgen.runtime.responses.response import Response

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request

M = TypeVar("M")

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads UTF-8 as the code page of its machine
# What a cell begins with that a spreadsheet may calculate (OWASP, "CSV Injection"); some read the
# full-width forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_PIECE = 16 * 1024  # characters that are sent at a time


def csv_response(
    request: Request,
    filename: str,
    columns: Mapping[str, Callable[[M], object]],
    rows: Iterable[M],
) -> Response:
    """Return rows as a CSV file that is downloaded; they are read while it is sent.

    UTF-8 with a byte order mark, lines that end in CRLF. A text that a spreadsheet would take
    for a formula gets a `'` in front; numbers stay numbers. A moment is in the site's time zone.

    Args:
        request: The request.
        filename: The name of the file.
        columns: A function for each column; it takes the row.
        rows: The rows.
    """
    body = _encoded(_lines(columns, rows, request.app.time_zone))
    response = Response(body, content_type="text/csv; charset=utf-8")
    name = quote(filename, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _lines(
    columns: Mapping[str, Callable[[M], object]], rows: Iterable[M], zone: tzinfo
) -> Iterator[str]:
    buffer = StringIO()
    writer = csv.writer(buffer)  # its own default is RFC 4180: CRLF, and quotes where needed
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(_cell(name, zone) for name in columns)
    for row in rows:
        writer.writerow(_cell(function(row), zone) for function in columns.values())
        if buffer.tell() >= _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    return (piece.encode("utf-8", "replace") for piece in pieces)


def _cell(value: Any, zone: tzinfo) -> object:
    """Return what a cell holds: numbers as they are, all else as a text that starts no formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(zone).replace(tzinfo=None)
        return value.isoformat(" ", "seconds")
    text = _text(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
