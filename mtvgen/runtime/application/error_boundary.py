"""The one error boundary: any exception becomes an answer, and nothing leaves it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from sys import getrefcount

from mtvgen.runtime.application.plain_pages import PlainPages
from mtvgen.runtime.application.view_results import View, name_of, to_response
from mtvgen.runtime.http.errors import HTTPError, InternalServerError, MethodNotAllowed
from mtvgen.runtime.http.grammar import printable
from mtvgen.runtime.logs import hide_secrets
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.error_fields import guard
from mtvgen.runtime.responses.response import (
    SOLE_HOLDER,
    Response,
    add_headers,
    copy_of_kept,
)
from mtvgen.runtime.templates.rendering import Templates, render

logger = logging.getLogger("mtvgen")
logger.addFilter(hide_secrets)  # an exception may quote any value

_FOR_ALL = "error.html"  # the template for each status that has none of its own


class ErrorBoundary:
    """Turns exceptions into answers.

    An HTTPError, and what a handler was given for by its class, is an answer like any other.
    Everything else is a bug: it is logged once, becomes the 500 page, and is handed on to the
    server (PEP 3333, "Error Handling").

    Args:
        templates: Where `<status>.html` is looked for, then `error.html`.
        handlers: Views for errors, by status or by exception class.
        language: The one of the plain page, which is there for whatever has no template.
    """

    def __init__(
        self,
        templates: Templates | None,
        handlers: Mapping[int | type[Exception], View],
        language: str = "en",
    ) -> None:
        self._templates = templates
        self._handlers = dict(handlers)
        self._plain = PlainPages(language)
        self._untemplated: set[int] = set()  # statuses, once that is known

    def answer(self, request: Request, error: Exception) -> Response:
        """Answer an exception; never raises.

        What the request has written is taken back first, so that the page about the error can
        read what it needs: the user of the session, for one.
        """
        _undo(request)
        if request.app.debug:  # whether the view was reached, for the error page
            request.environ["mtvgen.route"] = request.route
        try:
            if isinstance(error, HTTPError):
                if request.app.debug:  # runserver says so behind the status, with the place
                    request.environ["mtvgen.hint"] = _reason(error)
                    request.environ["mtvgen.answered"] = error
                response = self._expected(request, error)
            else:
                response = self._answer_unexpected(request, error)
        except Exception as broken:
            _log(request, broken)
            response = _unexpected(self._plain.page(500), broken)
        response.error = error
        guard(response)
        return response

    def answer_plainly(self, request: Request, kind: type[HTTPError]) -> Response:
        """Return the answer for an error that has no words of its own; never raises.

        Where nobody has a page for it, nothing has to be made of its kind, which halves what a 404
        costs (row h of peers.py): crawlers and scanners ask for more of them than for pages.
        """
        if self._handlers or kind.status not in self._untemplated:
            return self.answer(request, kind())
        return self._plain.answer(kind)

    def _expected(self, request: Request, error: HTTPError) -> Response:
        try:
            return self._error_page(request, error, error)
        except HTTPError as refused:
            # The handler met what is wrong with the request too: `request.path` where the path
            # is not text. That is still the visitor's mistake, and not a bug.
            return self._plain.page(refused.status, refused.detail)

    def _answer_unexpected(self, request: Request, error: Exception) -> Response:
        # What a visitor may see of an unexpected exception is its status, never its text.
        shown = InternalServerError()
        if self._handler_for(error) is None:
            _log(request, error)
            return _unexpected(self._error_page(request, error, shown), error)
        response = self._handled(request, error, shown.status)
        if response is not None:
            return response
        _log(request, error)
        return _unexpected(self._own_page(request, shown), error)

    def _error_page(self, request: Request, error: Exception, shown: HTTPError) -> Response:
        """Return the answer of the handler, or the page that the error has without one."""
        response = self._handled(request, error, shown.status) if self._handlers else None
        if response is None:
            response = self._own_page(request, shown)
        if shown.headers:
            add_headers(response.headers, shown.headers)
        return response

    def _handled(self, request: Request, error: Exception, status: int) -> Response | None:
        """Return what the handler answers.

        None if there is none, or if it hands the error back.
        """
        handler = self._handler_for(error) or self._handlers.get(status)
        if handler is None or (answer := handler(request, error)) is error:
            return None
        if isinstance(answer, Response):
            is_kept = getrefcount(answer) > SOLE_HOLDER
            return copy_of_kept(answer, name_of(handler)) if is_kept else answer
        response = to_response(answer, handler)
        response.status = status
        return response

    def _own_page(self, request: Request, error: HTTPError) -> Response:
        """Return `templates/<status>.html`, or `templates/error.html`, or a plain page."""
        name = self._template_for(error.status)
        if name is None:
            return self._plain.page(error.status, error.detail)
        return self._render_error(request, error, name)

    def _template_for(self, status: int) -> str | None:
        templates = self._templates
        if templates is not None and status not in self._untemplated:
            for name in (f"{status}.html", _FOR_ALL):
                if templates.has(name):
                    return name
        if templates is None or not templates.debug:
            self._untemplated.add(status)
        return None

    def _handler_for(self, error: Exception) -> View | None:
        """Return the handler of the exception's class, or of the nearest of its parents."""
        candidates = (self._handlers.get(kind) for kind in type(error).__mro__)
        return next((handler for handler in candidates if handler is not None), None)

    def _render_error(self, request: Request, error: HTTPError, name: str) -> Response:
        status = error.status
        try:
            return render(request, name, status_code=status, error=error)
        except HTTPError:
            # It looked at what is wrong with the request: a search box with `request.query` in it.
            return self._plain.page(status, error.detail)
        except Exception as broken:
            # The page about the error is broken too: the visitor gets the plain one.
            _log(request, broken, page=name)
            return self._plain.page(status, error.detail)


def _unexpected(response: Response, error: Exception) -> Response:
    response.exc_info = (type(error), error, error.__traceback__)
    return response


def _undo(request: Request) -> None:
    if request.opened_db is not None and request.database is not None:
        # A database that is gone is not a reason to answer with less than the error's own page.
        with suppress(Exception):
            request.database.undo(request.opened_db)


def _log(request: Request, error: Exception, *, page: str | None = None) -> None:
    """One record for an unexpected exception, on the logger `mtvgen`.

    Args:
        request: What was to be answered.
        error: The exception.
        page: The template of the error's own page, where that is what has failed.
    """
    method, path = request.method, request.environ.get("PATH_INFO", "")
    route = request.route.name if request.route else None
    logger.error(
        "%s %s: %s%s",
        printable(method),
        printable(path),
        f"{page}: " if page else "",
        type(error).__name__,
        exc_info=error,
        extra={"method": method, "path": path, "route": route} | ({"page": page} if page else {}),
    )


def _reason(error: HTTPError) -> str:
    """Why, in a phrase, for whoever develops."""
    if isinstance(error, MethodNotAllowed):
        # OPTIONS is answered for every address, so it says nothing about this one.
        return f"only {', '.join(each for each in error.allowed if each != 'OPTIONS')}"
    return f"{error.detail:.200}"  # with a field's name of the client's own, maybe a long one
