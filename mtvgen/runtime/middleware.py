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
from sys import getrefcount

from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import SOLE_HOLDER, Response, copy_of_kept

Handler = Callable[[Request], Response]
Middleware = Callable[[Handler], Handler]
# Turns an exception into the answer that the layer above sees.
Boundary = Callable[[Request, Exception], Response]


def compose(handler: Handler, middleware: Sequence[Middleware], boundary: Boundary) -> Handler:
    """One handler out of a list, the first middleware outermost.

    Each layer is guarded, so the one above always sees a Response: also when a view, a commit
    or another middleware raised. Above the first there is only the application, which guards it
    where it calls it.

    Args:
        handler: The innermost one; it guards itself, so it never raises.
        middleware: The list of `Application(middleware=[...])`, outermost first.
        boundary: Makes a Response of an exception; it must not raise.

    Raises:
        TypeError: An entry is not middleware, or makes some and lacks its brackets,
            or returned no handler.
    """
    for place, layer in reversed(list(enumerate(middleware))):
        if not callable(layer):
            raise TypeError(
                f"middleware=[...]: {layer!r} is not a middleware, which is a function."
            )
        made = _made_by(layer, handler)
        if not callable(made):
            raise TypeError(
                f"The middleware {_name(layer)} returned {made!r} instead of a handler. "
                "Is its 'return' missing, or are its brackets: name(...)?"
            )
        if _is_wsgi(made):
            raise TypeError(_around_all(layer))
        is_guarded = place == 0 or getattr(layer, _GUARDS_ITSELF, False)
        handler = made if is_guarded else _guard(made, boundary)
    return handler


def _made_by(layer: Middleware, handler: Handler) -> Handler:
    """Return what a middleware makes of a handler.

    Raises:
        TypeError: It makes a middleware, as its annotation says, or does not take a handler alone.
    """
    if _is_wsgi(layer):
        raise TypeError(_around_all(layer))
    if getattr(layer, "__annotations__", {}).get("return") in (Middleware, "Middleware"):
        raise TypeError(_without_brackets(layer))
    try:
        return layer(handler)
    except TypeError as error:
        # One frame is this one: the call failed, and not what was called.
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        raise TypeError(f"{_without_brackets(layer)} ({error})") from error


def _is_wsgi(function: object) -> bool:
    """Return whether a callable takes what WSGI hands over, by the names of PEP 3333."""
    call = function if hasattr(function, "__code__") else vars(type(function)).get("__call__")
    names = getattr(getattr(call, "__code__", None), "co_varnames", ())
    return ("environ", "start_response") in (names[:2], names[1:3])  # behind `self`


def _around_all(layer: Middleware) -> str:
    return (
        f"middleware=[...]: {_name(layer)} is for WSGI: it takes (environ, start_response), and "
        "a handler takes a request. -> around the application: "
        f"application = {_name(layer)}(application)"
    )


def _without_brackets(layer: Middleware) -> str:
    from inspect import signature  # nothing but a mistake needs it

    try:
        signature(layer).bind()
        call = f"{_name(layer)}()"
    except (TypeError, ValueError):
        call = f"{_name(layer)}(...)"
    return (
        f"middleware=[...]: {_name(layer)} is not a middleware, which takes a handler and "
        f"returns one. Are its brackets missing: {call}?"
    )


_GUARDS_ITSELF = "_mtvgen_guards_itself"


def guards_itself(layer: Middleware) -> Middleware:
    """Mark a middleware whose handlers never raise and always return a Response.

    For the runtime's own: it saves a call for each layer, a tenth of a request through all of
    them (row k of peers.py). What may go wrong in such a layer is
    answered by `request.app.answer_error(request, error)`.
    """
    setattr(layer, _GUARDS_ITSELF, True)
    return layer


def _guard(handler: Handler, boundary: Boundary) -> Handler:
    def guarded(request: Request) -> Response:
        try:
            response = handler(request)
            if response.__class__ is not Response:
                return checked_response(response, handler)
            if getrefcount(response) > SOLE_HOLDER:
                return copy_of_kept(response, f"The middleware {_name(handler)}")
            return response
        except Exception as error:
            return boundary(request, error)

    return guarded


def checked_response(answer: object, handler: Handler) -> Response:
    """Return a handler's response that is not a plain Response, if it is one of a subclass.

    Raises:
        TypeError: It is not a Response.
    """
    if isinstance(answer, Response):
        return answer
    question = " Is its 'return' missing?" if answer is None else ""
    raise TypeError(
        f"The middleware {_name(handler)} returned {answer!r} instead of a Response.{question}"
    )


def _name(function: object) -> str:
    return getattr(function, "__qualname__", None) or repr(function)
