"""Application: the WSGI callable (PEP 3333) that answers every request of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mtvgen.runtime.application.error_boundary import ErrorBoundary
from mtvgen.runtime.application.view_results import View, name_of, to_response
from mtvgen.runtime.http.errors import MethodNotAllowed, NotFound
from mtvgen.runtime.middleware import Middleware, checked_response, compose
from mtvgen.runtime.requests.limits import Limits
from mtvgen.runtime.requests.request import PATH_SAFE, Request, query_part, script_name
from mtvgen.runtime.responses.response import STATUS_LINES, Response, redirect
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import URLPattern
from mtvgen.runtime.static import StaticFiles
from mtvgen.runtime.templates.rendering import Templates

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

# Statuses whose answer never has a body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
_BODILESS = frozenset({204, 205, 304})


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
        debug: Read templates and static files afresh for each request.
        limits: How much of a request's body is taken.

    Raises:
        RoutingErrors: All mistakes of the routes together, each with its file and line.
        NotADirectoryError: `templates` or `static` is no directory.
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
    ) -> None:
        self.debug = debug
        self.limits = limits or Limits()
        self.static = None if static is None else StaticFiles(static, debug=debug)
        if templates is not None and not isinstance(templates, Templates):
            templates = Templates(templates)
        self.templates = templates
        if templates is not None:
            templates.prepare(debug=debug)
        built_in = [] if self.static is None else [self.static.route()]
        # First in the list, so that of two that clash the project's own line is named.
        self.router = Router([*built_in, *urlpatterns])
        self._find = self.router.find
        self._boundary = ErrorBoundary(templates, error_handlers or {})
        self._answer_error = self._boundary.answer
        self._respond = compose(self._dispatch, middleware, self._answer_error)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = Request(environ, self)
        respond = self._respond  # called through a local, because CPython is faster at that
        try:
            response = respond(request)
            if response.__class__ is not Response:
                response = checked_response(response, respond)
            if response._sent:
                response = self._checked_again(request, response)
        except Exception as error:
            response = self._answer_error(request, error)
        response._sent = True
        status, body = response._status, response._body
        if request.method == "HEAD" or status in _BODILESS:
            body = _without_content(request, response)
        # uWSGI raises what it is handed here out of start_response() itself (unbit/uwsgi issue
        # 2278, in 2.0.31 too), and the visitor would get no page at all.
        if response._exc_info is None or "uwsgi.version" in environ:
            start_response(STATUS_LINES[status], response._fields)
        else:
            start_response(STATUS_LINES[status], response._fields, response._exc_info)
        if request._closers is not None:
            return _ClosingBody(body, request._closers)
        return (body,) if isinstance(body, bytes) else body

    def url_for(self, name: str, /, **params: object) -> str:
        """The path of a route, outside a request; see `Request.url_for()`."""
        return self.router.url_for(name, params)

    def _dispatch(self, request: Request) -> Response:
        """The innermost handler: from the path to the view's answer; it guards itself."""
        try:
            path = request.environ.get("PATH_INFO", "")
            if not (path and path.isascii() and path.isprintable()):  # most are, and need no more
                path = request.path
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
                return answer
            return to_response(answer, route.view)
        except Exception as error:
            return self._answer_error(request, error)

    def _answer_miss(self, request: Request, path: str, is_known: bool) -> Response:
        """The answer where no route has this path with this method; `is_known`: with another."""
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
        return self._answer_error(request, MethodNotAllowed(allowed))

    def _checked_again(self, request: Request, response: Response) -> Response:
        """A Response that a view keeps and returns each time, unless it is one visitor's own.

        Middleware writes on the one object, so a cookie on it would go to everybody.
        """
        if "Set-Cookie" not in response.headers:
            return response
        whose = f"{name_of(request.route.view)} returned" if request.route else "There is"
        error = RuntimeError(
            f"{whose} a Response that was sent before, and it sets a cookie. "
            "Make a new one for each request."
        )
        return self._answer_error(request, error)

    def _redirect_to(self, request: Request, target: str) -> Response:
        environ = request.environ
        url = script_name(environ) + quote(target, safe=PATH_SAFE) + query_part(environ)
        if not self.debug:
            return redirect(url, 308)
        # A browser keeps a 308 for good, and the route may look different after the next edit.
        response = redirect(url, 307)
        response.headers["Cache-Control"] = "no-store"
        return response


def _without_content(request: Request, response: Response) -> bytes:
    """The body of an answer that has none; what would have been sent is closed."""
    if response._status == 205:
        response.headers["Content-Length"] = "0"
    elif response._status in _BODILESS:
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)
    if close := getattr(response._body, "close", None):
        request.on_close(close)
    return b""


class _ClosingBody:
    """A body whose close() also calls what was registered for the end of the request."""

    def __init__(self, body: bytes | Iterable[bytes], closers: list[Callable[[], None]]) -> None:
        self._body = body
        self._closers = closers

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._body,) if isinstance(self._body, bytes) else self._body)

    def close(self) -> None:
        """Close the body, then call every closer, whatever the ones before it raised."""
        with ExitStack() as stack:
            for closer in self._closers:
                stack.callback(closer)
            if close := getattr(self._body, "close", None):
                stack.callback(close)
