"""Values that a column takes, and the reasons why it refuses others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import DontWrapMixin


class ColumnValueError(ValueError, DontWrapMixin):
    """A value that its column does not take; the message names the model, the column and why.

    Attributes:
        column: The model and its attribute, such as `Note.made`; table and column without a model.
    """

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(f"{column} {problem}")
        self.column = column


def problem_of_text(value: Any, limit: int) -> str | None:
    """Return why a text does not fit into its column; None if it does, or is not text at all.

    Args:
        value: What somebody has put into the column.
        limit: How many characters it takes.
    """
    if not isinstance(value, str) or len(value) <= limit:
        return None
    return (
        f"takes {limit} characters, and has {len(value)}. -> shorten it, "
        f"or take a longer String() than String({limit}) in the model"
    )


def problem_of_moment(value: Any) -> str | None:
    """Return why a value is not a moment in time; None if it is one.

    Args:
        value: What somebody has put into the column.
    """
    if not isinstance(value, datetime):
        return f"is a moment in time, and {value!r} is not a datetime. -> datetime.now(UTC)"
    if value.tzinfo is None or value.utcoffset() is None:
        return (
            f"is a moment in time, and {value!r} has no time zone. -> datetime.now(UTC), "
            "or value.replace(tzinfo=...) with the zone that it was meant in"
        )
    try:
        value.astimezone(UTC)
    except OverflowError:
        return f"is a moment in time, and in UTC {value!r} is outside the years 1 to 9999."
    return None
