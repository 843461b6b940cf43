"""The guard of a site with accounts: what the application asks of it, and where it finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from mtvgen.runtime.middleware import Handler, Middleware
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.routing.access import Access
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.tables import Finding


class Dispatch(Protocol):
    """The innermost handler, as a guard calls it: what it decided by is what happens."""

    def __call__(self, request: Request, found: Finding) -> Response:
        """Answer a request by what the router has found for it."""


@runtime_checkable
class Guard(Protocol):
    """A middleware that also decides who may use a route; `accounts()` makes one.

    Attributes:
        access: Who may use the routes that do not say.
        everybody: The rule of what is for everybody, as static files are.
    """

    access: Access
    everybody: Access

    def __call__(self, handler: Handler) -> Handler:
        """Return the handler of the middleware (see `compose()`)."""

    def around(self, dispatch: Dispatch, router: Router) -> Handler:
        """Return a handler that lets nobody reach a view who may not use its route.

        Args:
            dispatch: The innermost handler, which calls the view of the route that was found.
            router: Where it finds it; each of its routes has its rule.

        Raises:
            ValueError: The login page is missing, or visitors can't open it.
        """


def guard_among(middleware: Sequence[Middleware]) -> Guard | None:
    """Return the guard of a middleware list; None if there is none.

    Raises:
        TypeError: There are two: one would undo what the other decides.
    """
    guards = [layer for layer in middleware if isinstance(layer, Guard)]
    if len(guards) > 1:
        raise TypeError("middleware=[...] has accounts() twice. -> remove one of them")
    return guards[0] if guards else None
