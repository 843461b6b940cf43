"""Repeated fields: the rows of another form class within a form."""

from __future__ import annotations

from mtvgen.runtime.forms.kinds.base import Kind


class Repeated(Kind):
    """Any number of the same fields.

    Args:
        least: How many an empty form begins with.
    """

    control = "rows"

    def __init__(self, least: int = 0) -> None:
        self.least = least
