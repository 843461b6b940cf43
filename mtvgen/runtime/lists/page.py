"""Page: one page of a list, with its links; its parameters are those of the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from urllib.parse import urlencode

from markupsafe import Markup

M = TypeVar("M")
PLACE = ("after", "before", "at")  # the parameters that say where in the list a page begins


@dataclass(frozen=True)
class Page(Generic[M]):
    """One page of a list.

    Attributes:
        rows: Its rows.
        count: How many rows the whole list has; counting ends at 10,000.
        is_counted: Whether `count` is the whole list, and not where counting ended.
        parameters: What the address asks for: `q`, `sort`, and the filters.
        sort: The order: `title`, or `-title` where it descends.
        previous: The link to the page before; None without one.
        next: The link to the page behind; None without one.
        choices: What each filter has to choose: what is sent, and what is shown.
    """

    rows: Sequence[M]
    count: int
    is_counted: bool
    parameters: Mapping[str, str]
    sort: str
    previous: str | None
    next: str | None
    choices: Mapping[str, Sequence[tuple[str, str]]]

    @property
    def query(self) -> str:
        """The search, the filters and the order as part of an address: `?q=tea`, or nothing."""
        return f"?{urlencode(self.parameters)}" if self.parameters else ""

    @property
    def search(self) -> str:
        """The text that the visitor searches for."""
        return self.parameters.get("q", "")

    def sort_link(self, name: str) -> str:
        """Return the link to the same list in the order of a column, or in the opposite one.

        Args:
            name: The attribute.
        """
        sort = f"-{name}" if self.sort == name else name
        return f"?{urlencode({**self.parameters, 'sort': sort})}"

    def order(self, name: str) -> Literal["ascending", "descending", "none"]:
        """Return how a column is sorted, as `aria-sort` says it.

        Args:
            name: The attribute.
        """
        if self.sort == name:
            return "ascending"
        return "descending" if self.sort == f"-{name}" else "none"

    def options(self, parameter: str) -> Markup:
        """Return the <option> elements of a filter.

        Args:
            parameter: The filter.
        """
        chosen = self.parameters.get(parameter)
        return Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                value, Markup(" selected") if value == chosen else "", label
            )
            for value, label in self.choices[parameter]
        )
