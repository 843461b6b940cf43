"""Mistakes in `urls.py`, or in a `url_for()`.

Exception
RoutingError              a mistake in urls.py, or in a url_for()
RouteSyntaxError        a pattern, a view or a name that path() can't use
RouteConflictError      two routes that can't be told apart
RoutingErrors           all of them together, when the Application is made
URLBuildError           url_for() of an unknown name, or with the wrong parameters
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mtvgen.runtime.support.faults import Fault, FaultError
from mtvgen.runtime.support.locations import Location

# What is wrong with a route.
RoutingMistake = Literal[
    "pattern",
    "converter",
    "parameter-twice",
    "view",
    "method",
    "name",
    "name-twice",
    "route-twice",
    "access",
]
# Which argument of path() or include() is wrong.
RoutePart = Literal["pattern", "view", "methods", "name", "routes", "access"]


class RoutingError(FaultError):
    """A mistake in `urls.py`, or in a `url_for()`.

    Attributes:
        fault: Its `location` is the line of the `path(...)`; None where that is not known.
        kind: Which mistake it is.
        part: The argument of `path()` or `include()` that is wrong.
        pattern: The whole pattern of the route, which tells apart two of one line.
        other: The line of the `path(...)` that has the name or the pattern already; else None.
    """

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        kind: RoutingMistake = "pattern",
        part: RoutePart = "pattern",
        pattern: str = "",
        location: Location | None = None,
        other: Location | None = None,
    ) -> None:
        super().__init__(Fault(kind, message, location=location, advice=advice))
        self.kind = kind
        self.part = part
        self.pattern = pattern
        self.other = other


class RouteSyntaxError(RoutingError):
    """A pattern, a view, a name or a method that `path()` can't use."""


class RouteConflictError(RoutingError):
    """Two routes that can't exist side by side: a name or a pattern taken twice."""


class RoutingErrors(RoutingError):
    """All mistakes of one `urlpatterns`, each with the file and line of its `path(...)`.

    Attributes:
        errors: The single mistakes, in the order of the list.
    """

    def __init__(self, errors: Sequence[RoutingError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class URLBuildError(RoutingError):
    """`url_for()` of a name that no route has, or with the wrong parameters."""
