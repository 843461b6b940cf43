"""Days, times of day, and moments in the time zone of the site."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.errors import Refused
from mtvgen.runtime.forms.kinds.base import Attributes, Kind
from mtvgen.runtime.forms.kinds.number_text import plain_digits

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context

# As browsers send them (HTML, "valid date string"); fromisoformat() would take weeks as well.
_DATE = r"\d{4}-\d\d?-\d\d?"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?"
# Programs say how far the clocks are from UTC (RFC 3339); browsers never do.
_OFFSET = r"Z|[-+]\d\d:\d\d"


class _Moment(Kind):
    def fits(self, text: str) -> bool:
        """Return whether a browser takes it for what its `<input>` is for."""
        try:
            return self._strict(text)
        except ValueError:
            return False

    def _strict(self, text: str) -> bool:
        raise NotImplementedError

    def attributes_with(self, text: str) -> Attributes:
        """Return `step` where there are seconds: without it a browser takes whole minutes alone."""
        return (*self.attributes, ("step", "any")) if text.count(":") > 1 else self.attributes

    def from_json(self, value: Any) -> list[str]:
        """Return a string as it is."""
        if not isinstance(value, str):
            raise Refused("json_text")
        return [value]


class Day(_Moment):
    """A day: `2026-03-31`."""

    input_type = "date"

    def __init__(self, attributes: Attributes = ()) -> None:
        self.attributes = attributes

    def parse(self, text: str, context: Context) -> date:
        """Return the day."""
        return _day(plain_digits(text), "date")

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return it as ISO 8601 has it."""
        return [value.isoformat()]

    def _strict(self, text: str) -> bool:
        return date.fromisoformat(text).isoformat() == text


class TimeOfDay(_Moment):
    """A time of day: `14:30`."""

    input_type = "time"

    def __init__(self, attributes: Attributes = ()) -> None:
        self.attributes = attributes

    def parse(self, text: str, context: Context) -> time:
        """Return the time."""
        return _time(plain_digits(text), "time")

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return it with no more than it has."""
        return [_short(value)]

    def _strict(self, text: str) -> bool:
        return (
            re.fullmatch(_TIME, text, re.ASCII) is not None
            and time.fromisoformat(_padded(text)) is not None
        )


class Moment(_Moment):
    """A day and a time, as the clocks of the site show them: `2026-03-31T14:30`.

    Args:
        is_aware: Whether the value has a time zone, as `Mapped[datetime]` has.
    """

    input_type = "datetime-local"

    def __init__(self, *, is_aware: bool = True, attributes: Attributes = ()) -> None:
        self._is_aware = is_aware
        self.attributes = attributes

    def parse(self, text: str, context: Context) -> datetime:
        """Return the moment; of an hour that the clocks show twice, the first."""
        day, _, rest = plain_digits(text).replace("T", " ", 1).partition(" ")
        offset = re.search(rf"(?:{_OFFSET})$", rest, re.ASCII) if self._is_aware else None
        clock = rest[: offset.start()] if offset else rest
        local = datetime.combine(_day(day, "datetime"), _time(clock.strip(), "datetime"))
        if not self._is_aware:
            return local
        try:
            if offset:
                return local.replace(tzinfo=_zone_of(offset[0])).astimezone(UTC)
            moment = local.replace(tzinfo=context.zone)
            back = moment.astimezone(UTC).astimezone(context.zone)
        except (OverflowError, ValueError) as error:
            raise Refused("datetime") from error
        if back.replace(tzinfo=None) != local:
            raise Refused("no_such_time")
        return moment.astimezone(UTC)

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return it in the site's zone, with no more than it has."""
        if value.tzinfo is not None:
            value = value.astimezone(context.zone).replace(tzinfo=None)
        return [f"{value.date().isoformat()}T{_short(value.time())}"]

    def _strict(self, text: str) -> bool:
        day, _, rest = text.partition("T")
        is_day = date.fromisoformat(day).isoformat() == day
        return is_day and re.fullmatch(_TIME, rest, re.ASCII) is not None


def _zone_of(offset: str) -> tzinfo:
    """Return the zone of `+02:00`, or of `Z`.

    Raises:
        ValueError: It is a day or more away.
    """
    return datetime.strptime(offset, "%z").tzinfo or UTC


def _day(text: str, key: str) -> date:
    if not re.fullmatch(_DATE, text, re.ASCII):
        raise Refused(key)
    year, month, day = map(int, text.split("-"))
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Refused("no_such_day") from error


def _time(text: str, key: str) -> time:
    if not re.fullmatch(_TIME, text, re.ASCII):
        raise Refused(key)
    try:
        return time.fromisoformat(_padded(text))
    except ValueError as error:
        raise Refused(key) from error


def _padded(text: str) -> str:
    """Return a time with six digits behind its seconds, as Python 3.11 reads any number of them."""
    head, point, fraction = text.partition(".")
    return f"{head}.{fraction:0<6}" if point else head


def _short(value: time) -> str:
    """Return `14:30`; its seconds, and their fraction, only where there are some."""
    value = value.replace(tzinfo=None)
    if value.microsecond % 1000:
        return value.isoformat()
    if value.microsecond:
        return value.isoformat("milliseconds")
    return value.isoformat("seconds" if value.second else "minutes")
