"""The filter `localtime`: a moment as the clocks of the site show it."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any, overload

from jinja2 import Undefined


class LocalTime:
    """`{{ note.made|localtime }}`, `{{ note.made|localtime("%d %B %Y, %H:%M") }}`.

    Args:
        zone: The site's.
    """

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone

    @overload
    def __call__(self, moment: datetime, format: None = None) -> datetime: ...

    @overload
    def __call__(self, moment: datetime, format: str) -> str: ...

    def __call__(self, moment: Any, format: str | None = None) -> datetime | str:  # noqa: A002
        """Return the same moment in the site's time zone; as text where a format is given.

        Args:
            moment: With a time zone, as `Mapped[datetime]` has them.
            format: That of `strftime()`.

        Raises:
            TypeError: It is not a `datetime`.
            ValueError: It has no time zone.
        """
        if isinstance(moment, Undefined):
            str(moment)  # says which name it is, and where
        if not isinstance(moment, datetime):
            raise TypeError(f"localtime takes a moment in time, and {moment!r} is not a datetime.")
        if moment.utcoffset() is None:
            raise ValueError(
                f"localtime takes a moment in time, and {moment!r} has no time zone. "
                "-> datetime.now(UTC)"
            )
        local = moment.astimezone(self.zone)
        return local if format is None else local.strftime(format)
