"""What can be wrong with `urls.py`, or with a `url_for()`.

Exception
RoutingError              a mistake in urls.py, or in a url_for()
RouteSyntaxError        a pattern, a view or a name that path() can't use
RouteConflictError      two routes that can't be told apart
RoutingErrors           all of them together, when the Application is made
URLBuildError           url_for() of an unknown name, or with the wrong parameters
"""

from __future__ import annotations

from collections.abc import Sequence


class RoutingError(Exception):
    """A mistake in `urls.py`, or in a `url_for()`."""


class RouteSyntaxError(RoutingError):
    """A pattern, a view, a name or a method that `path()` can't use."""


class RouteConflictError(RoutingError):
    """Two routes that can't stand side by side: a name or a pattern taken twice."""


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
