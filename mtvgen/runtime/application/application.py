"""Application: the WSGI callable (PEP 3333) that answers every request of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from sys import getrefcount
from typing import TYPE_CHECKING, Literal

from mtvgen.runtime.application.error_boundary import ErrorBoundary
from mtvgen.runtime.application.guards import guard_among
from mtvgen.runtime.application.view_results import View, name_of, to_response
from mtvgen.runtime.http.errors import MethodNotAllowed, NotFound
from mtvgen.runtime.middleware import Middleware, checked_response, compose
from mtvgen.runtime.requests.environ import link_to, query_part
from mtvgen.runtime.requests.life import Callbacks
from mtvgen.runtime.requests.limits import Limits
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.bodies import closing
from mtvgen.runtime.responses.response import SOLE_HOLDER, Response, copy_of_kept, redirect
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import URLPattern
from mtvgen.runtime.routing.tables import Finding
from mtvgen.runtime.settings.time_zones import time_zone as zone_of
from mtvgen.runtime.static import StaticFiles
from mtvgen.runtime.templates.rendering import Templates

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class Application:
    """A project's views behind one WSGI callable.

    Args:
        urlpatterns: The routes, from `path()` and `include()`.
        templates: The directory of the templates, or `Templates(...)` with filters and globals.
        static: The directory that is served below `/static/`.
        middleware: What the request goes down through and the response comes back up.
        error_handlers: Views for errors, by status or by exception class:
            `{404: missing, OutOfStock: sold_out}`; each is called with (request, error), and
            hands the error back where it has no answer of its own.
        debug: Read templates and static files again for each request.
        limits: How much of a request's body is taken.
        time_zone: The one that pages show (the filter `localtime`): a name of the IANA database.
        language: The language of what visitors read of the runtime, `en` or `zh`: plain error
            pages, and the sentences of forms where `request.state.language` names no other.

    Raises:
        RoutingErrors: All mistakes of the routes together, each with its file and line.
        ValueError: There is no such time zone.
        NotADirectoryError: `templates` or `static` is not a directory.
    """

    def __init__(
        self,
        urlpatterns: Iterable[URLPattern],
        *,
        templates: Path | str | Templates | None = None,
        static: Path | str | None = None,
        middleware: Sequence[Middleware] = (),
        error_handlers: Mapping[int | type[Exception], View] | None = None,
        debug: bool = False,
        limits: Limits | None = None,
        time_zone: str = "UTC",
        language: str = "en",
    ) -> None:
        self.debug = debug
        self.limits = limits or Limits()
        self.time_zone = zone_of(time_zone)
        self.language = language
        self.static = None if static is None else StaticFiles(static, debug=debug)
        if templates is not None and not isinstance(templates, Templates):
            templates = Templates(templates)
        self.templates = templates
        guard = guard_among(middleware)
        if templates is not None:
            templates.prepare(debug=debug, time_zone=self.time_zone, has_users=guard is not None)
        open_to_all = None if guard is None else guard.everybody
        built_in = [] if self.static is None else [self.static.route(open_to_all)]
        # First in the list, so that of two that clash the project's own line is named.
        self.router = Router(
            [*built_in, *urlpatterns], access=None if guard is None else guard.access
        )
        self._find = self.router.find
        self._boundary = ErrorBoundary(templates, error_handlers or {}, language)
        # Around the innermost handler: no middleware comes between the rule and the view.
        dispatch = self._dispatch if guard is None else guard.around(self._dispatch, self.router)
        self._respond = compose(dispatch, middleware, self._boundary.answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = Request(environ, self)
        respond = self._respond  # called through a local, because CPython is faster at that
        try:
            response = respond(request)
            if response.__class__ is not Response:
                response = checked_response(response, respond)
        except Exception as error:
            response = self._boundary.answer(request, error)
        callbacks = request.callbacks
        if callbacks is not None:
            _settle(callbacks, response)
        body = response.start(start_response, environ)
        if callbacks is None and isinstance(body, bytes):
            return (body,)
        return closing(body, request)

    def url_for(self, name: str, /, **params: object) -> str:
        """Return the path of a route, outside a request; see `Request.url_for()`."""
        return self.router.url_for(name, params)

    def answer_error(self, request: Request, error: Exception) -> Response:
        """Answer an exception, as if a view had raised it; never raises.

        For middleware that has an error to answer: a middleware that raises it gets the same.

        Args:
            request: The request at hand.
            error: An HTTPError, or any other; an unexpected one is logged and becomes the 500 page.
        """
        return self._boundary.answer(request, error)

    def _dispatch(self, request: Request, found: Finding | Literal[False] = False) -> Response:
        """Dispatch a request, as the innermost handler; it guards itself.

        `found`: what the guard has decided by; False: nobody has looked yet.
        """
        try:
            path = request.environ.get("PATH_INFO", "")
            if not (path and path.isascii() and path.isprintable()):  # most are, and need no more
                path = request.path
            if found is False:
                found = self._find(request.method, path)
            if not found:
                return self._answer_miss(request, path, found is not None)
            route, params = request.route, request.params = found
            # Three ways to the same call: ** is slow, and most views need none.
            if not params:
                answer = route.view(request)
            elif (sole := route.sole_parameter) is not None:
                answer = route.view(request, params[sole])
            else:
                answer = route.view(request, **params)
            if answer.__class__ is Response:
                if getrefcount(answer) > SOLE_HOLDER:
                    return copy_of_kept(answer, name_of(route.view))
                return answer
            if answer.__class__ is str:
                return Response(answer)  # as to_response() does; its call is 4 % of a page of text
            return to_response(answer, route.view)
        except Exception as error:
            return self._boundary.answer(request, error)

    def _answer_miss(self, request: Request, path: str, is_known: bool) -> Response:
        """Return the answer where no route has this path with this method.

        `is_known`: with another.
        """
        if self.router.has_final_slashes or path.endswith("/"):
            target = self.router.other_slash(request.method, path)
            if target is not None:
                return self._redirect_to(request, target)
        if not (is_known and (allowed := self.router.allowed(path))):
            # runserver shows its table of routes for these, and only for these.
            request.environ["mtvgen.unmatched"] = True
            return self._boundary.answer_plainly(request, NotFound)
        if request.method == "OPTIONS":
            return Response(status=204, headers={"Allow": ", ".join(sorted(allowed))})
        request.environ["mtvgen.unmatched"] = True
        return self._boundary.answer(request, MethodNotAllowed(allowed))

    def _redirect_to(self, request: Request, target: str) -> Response:
        environ = request.environ
        url = link_to(environ, target) + query_part(environ)
        if not self.debug:
            return redirect(url, 308)
        # A browser keeps a 308 for good, and the route may look different after the next edit.
        response = redirect(url, 307)
        response.headers["Cache-Control"] = "no-store"
        return response


def _settle(callbacks: Callbacks, response: Response) -> None:
    """Treat a good response as the commit where no `database_session()` has done it."""
    if response.status < 400 and response.error is None:
        callbacks.committed()
    else:
        callbacks.rolled_back()
    callbacks.is_settled = True
