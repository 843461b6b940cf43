"""Conditional and range requests on plain values (RFC 9110, sections 5.6.7, 8.8, 13 and 14)."""

from __future__ import annotations

import re
import time
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime

from mtvgen.runtime.http.errors import RangeNotSatisfiable

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_DAY = "|".join(_DAYS)
_LONG_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"

# The three forms of a date, the two obsolete ones included (RFC 9110, section 5.6.7).
_DATES = (
    re.compile(rf"(?:{_DAY}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(rf"(?:{_LONG_DAY}), (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    re.compile(rf"(?:{_DAY}) {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)

# entity-tag (RFC 9110, section 8.8.3), with or without its sign of weakness; and one of a list.
_ENTITY_TAG = re.compile(r'(?P<weak>W/)?(?P<opaque>"[!#-~\x80-\xff]*")')
_LISTED_TAG = re.compile(rf"(?<![^ \t,]){_ENTITY_TAG.pattern}(?![^ \t,])")
_BYTE_RANGE = re.compile(r"(?P<first>[0-9]*)-(?P<last>[0-9]*)")


def format_http_date(moment: datetime | float) -> str:
    """Return a moment as RFC 9110 writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.

    Args:
        moment: A datetime with its zone, or seconds since 1970.

    Raises:
        ValueError: The datetime has no zone, or the moment is beyond the years 1 to 9999.
    """
    if not isinstance(moment, datetime):
        moment = _moment(moment)
    elif moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; write datetime.now(UTC), for one.")
    moment = moment.astimezone(UTC)
    # strftime would write the day and the month in the locale's language.
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02} {_MONTHS[moment.month - 1]} "
        f"{moment.year:04} {moment:%H:%M:%S} GMT"
    )


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds!r} seconds since 1970 are beyond the calendar.") from error


def parse_http_date(text: str, now: float | None = None) -> int | None:
    """Return the seconds since 1970 that a date stands for, in any of its three forms; else None.

    Args:
        text: The field's value.
        now: Seconds since 1970; decides the century of a year of two digits.
    """
    match = next(filter(None, (form.fullmatch(text) for form in _DATES)), None)
    if match is None:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year = _full_year(year, time.time() if now is None else now)
    try:
        moment = datetime(
            year,
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            # 60 is a leap second, which a timestamp can't tell from the one before.
            min(int(match["second"]), 59) if match["second"] == "60" else int(match["second"]),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return timegm(moment.utctimetuple())


def _full_year(two_digits: int, now: float) -> int:
    """Return the year that ends so and is no more than 50 years ahead (RFC 9110, section 5.6.7)."""
    this_year = time.gmtime(now).tm_year
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year + 50 else year


def is_valid_etag(text: str) -> bool:
    """Return whether a text is an entity-tag, quotes included: `"abc"` or `W/"abc"`."""
    return _ENTITY_TAG.fullmatch(text) is not None


def weakly_matches(header: str, etag: str | None) -> bool:
    """Return whether `If-None-Match` names the tag (weak comparison, RFC 9110, 8.8.3.2)."""
    if header.strip(" \t") == "*":
        return True
    opaque = etag and etag.removeprefix("W/")
    return any(match["opaque"] == opaque for match in _LISTED_TAG.finditer(header))


def strongly_matches(header: str, etag: str | None) -> bool:
    """Return whether an `If-Match` names the tag (strong comparison.

    A weak tag is equal to none).
    """
    if header.strip(" \t") == "*":
        return True
    tags = _LISTED_TAG.finditer(header)
    return any(match["opaque"] == etag and not match["weak"] for match in tags)


def precondition_status(
    method: str,
    headers: Mapping[str, str],
    *,
    etag: str | None = None,
    last_modified: float | None = None,
) -> int | None:
    """Return what the request's conditions make of an answer that would be 200 (RFC 9110, 13.2.2).

    Args:
        method: The request's method.
        headers: The request's header fields.
        etag: The present entity-tag with its quotes, or None.
        last_modified: Seconds since 1970, or None.

    Returns:
        304 or 412, or None where the answer goes out as it is.
    """
    modified = None if last_modified is None else int(last_modified)
    if "If-Match" in headers:
        if not strongly_matches(headers["If-Match"], etag):
            return 412
    elif _is_after(modified, headers.get("If-Unmodified-Since")):
        return 412
    reads = method in ("GET", "HEAD")
    if "If-None-Match" in headers:
        if weakly_matches(headers["If-None-Match"], etag):
            return 304 if reads else 412
        return None
    if reads and _is_unchanged(modified, headers.get("If-Modified-Since")):
        return 304
    return None


def _is_after(modified: int | None, header: str | None) -> bool:
    date = None if header is None else parse_http_date(header)
    return date is not None and modified is not None and modified > date


def _is_unchanged(modified: int | None, header: str | None) -> bool:
    date = None if header is None else parse_http_date(header)
    return date is not None and modified is not None and modified <= date


def range_applies(
    if_range: str | None, *, etag: str | None = None, last_modified: float | None = None
) -> bool:
    """Return whether the request's `Range` counts, given its `If-Range` (RFC 9110, 13.1.5)."""
    if if_range is None:
        return True
    if is_valid_etag(if_range):
        return etag is not None and not etag.startswith("W/") and if_range == etag
    date = parse_http_date(if_range)
    return date is not None and last_modified is not None and int(last_modified) == date


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that a `Range` field asks for.

    Several ranges, another unit and bad syntax are answered with the whole (RFC 9110, section
    14.2, lets a server ignore the field).

    Args:
        header: The field's value.
        size: The length of the whole, in bytes.

    Returns:
        Both positions, counted from 0 and both included; None for the whole.

    Raises:
        RangeNotSatisfiable: The range is beyond the end; its headers give the length.
    """
    unit, _, text = header.partition("=")
    if unit.strip(" \t").lower() != "bytes":
        return None
    ranges = [part for part in map(_stripped, text.split(",")) if part]
    match = _BYTE_RANGE.fullmatch(ranges[0]) if len(ranges) == 1 else None
    if match is None or not (match["first"] or match["last"]):
        return None
    first, last = match["first"].lstrip("0"), match["last"].lstrip("0")
    if not match["first"]:
        return _suffix(last, size)
    if match["last"] and (len(last), last) < (len(first), first):
        return None
    start = _clamped(first, size)
    if start >= size:
        raise _unsatisfiable(size)
    return start, min(_clamped(last, size), size - 1) if match["last"] else size - 1


def _stripped(text: str) -> str:
    return text.strip(" \t")


def _suffix(digits: str, size: int) -> tuple[int, int] | None:
    """Return the last bytes; of an empty whole, the whole."""
    if not digits:
        raise _unsatisfiable(size)
    return (size - _clamped(digits, size), size - 1) if size else None


def _clamped(digits: str, size: int) -> int:
    """Return a number without leading zeros, `size` at most: int() refuses thousands of digits."""
    return size if len(digits) > len(str(size)) else min(int(digits or "0"), size)


def _unsatisfiable(size: int) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(headers=[("Content-Range", f"bytes */{size}")])
