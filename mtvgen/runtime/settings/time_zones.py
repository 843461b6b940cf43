"""Time zones by their names in the IANA database: Europe/Berlin."""

from __future__ import annotations

from datetime import UTC, tzinfo

from mtvgen.runtime.support.faults import Fault, FaultError
from mtvgen.runtime.support.suggestions import did_you_mean


class UnknownTimeZone(FaultError, ValueError):
    """There is no time zone of a name."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(Fault("wrong", message, cure, "TIME_ZONE"))


def time_zone(name: str) -> tzinfo:
    """Return the time zone of a name.

    Args:
        name: One of the IANA database, such as `Europe/Berlin`; `UTC` needs no such database.

    Raises:
        UnknownTimeZone: There is none of this name; says which one was probably meant, or that this
            system has no database of them.
    """
    if name == "UTC":
        return UTC
    # Imported on use: most sites tell the time in UTC, or not at all.
    from zoneinfo import ZoneInfo, available_timezones

    try:
        return ZoneInfo(name)
    # A name may also lead to a directory, or out of the database.
    except (LookupError, ValueError, OSError) as error:
        known = available_timezones()
        if not known:
            message = f"{name!r} is not known: this system has no time zones."
            raise UnknownTimeZone(message, "pip install tzdata") from error
        message = f"{name!r} is not a time zone.{did_you_mean(name, known)}"
        raise UnknownTimeZone(message, "a name such as Europe/Berlin or UTC") from error
