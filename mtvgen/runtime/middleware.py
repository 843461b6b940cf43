"""Middleware: one shape, composed once.

A handler takes a Request and returns a Response; a middleware takes a handler and returns one.
The request goes down the list and the response comes back up:

    def timing(handler: Handler) -> Handler:
        def timed(request: Request) -> Response:
            started = perf_counter()
            response = handler(request)
            response.headers["Server-Timing"] = f"app;dur={(perf_counter() - started) * 1000:.1f}"
            return response
        return timed
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mtvgen.runtime.request import Request
from mtvgen.runtime.response import Response

Handler = Callable[[Request], Response]
Middleware = Callable[[Handler], Handler]
# Turns an exception into the answer that the layer above sees.
Boundary = Callable[[Request, Exception], Response]


def compose(handler: Handler, middleware: Sequence[Middleware], boundary: Boundary) -> Handler:
    """One handler out of a list, the first middleware outermost.

    Each layer is guarded, so the one above always sees a Response: also when a view, a commit
    or another middleware raised.

    Args:
        handler: What stands below them all; it guards itself, so it never raises.
        middleware: The list of `Application(middleware=[...])`, outermost first.
        boundary: Makes a Response of an exception; it must not raise.

    Raises:
        TypeError: An entry is no middleware, or returned no handler.
    """
    maker = handler  # whose Response it is that comes up
    guarded = True
    for layer in reversed(middleware):
        if not callable(layer):
            raise TypeError(f"middleware=[...]: {layer!r} is no middleware, which is a function.")
        # A layer that never looks at the answer lets an exception through: one guard less.
        hands_on = getattr(layer, _HANDS_ON, False)
        if not (guarded or hands_on):
            handler = _guard(handler, boundary, maker)
        made = layer(handler)
        if not callable(made):
            raise TypeError(
                f"The middleware {_name(layer)} returned {made!r} instead of a handler. "
                "Is its 'return' missing, or are its brackets: name(...)?"
            )
        handler, maker, guarded = made, maker if hands_on else made, False
    return handler if guarded else _guard(handler, boundary, maker)


_HANDS_ON = "_mtvgen_hands_on"


def hands_on(layer: Middleware) -> Middleware:
    """Mark a middleware whose handlers do nothing behind `return handler(request)`."""
    setattr(layer, _HANDS_ON, True)
    return layer


def _guard(handler: Handler, boundary: Boundary, maker: Handler) -> Handler:
    def guarded(request: Request) -> Response:
        try:
            response = handler(request)
            if isinstance(response, Response):
                return response
            raise TypeError(
                f"The middleware {_name(maker)} returned {response!r} instead of a Response."
            )
        except Exception as error:
            return boundary(request, error)

    return guarded


def _name(function: object) -> str:
    return getattr(function, "__qualname__", None) or repr(function)
