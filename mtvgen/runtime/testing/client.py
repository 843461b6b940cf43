"""The browser without a screen that tests use: werkzeug's client, made fast for what most ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from werkzeug.http import dump_cookie
from werkzeug.test import Client as _WerkzeugClient
from werkzeug.test import ClientRedirectError, EnvironBuilder, TestResponse, run_wsgi_app
from werkzeug.wrappers import Request
from werkzeug.wrappers import Response as _WerkzeugResponse

from mtvgen.runtime.testing.cookies import CookieJar, read_cookie
from mtvgen.runtime.testing.multipart import Builder
from mtvgen.runtime.testing.plain import plain_environ, redirected_environ

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Client(_WerkzeugClient):
    """A browser without a screen, for `wsgi.application`.

        client = Client(application)
        response = client.post("/notes", data={"text": "Milk"}, follow_redirects=True)
        assert response.status_code == 200
        assert "Milk" in response.text

    It keeps cookies from one request to the next, and has `get`, `head`, `post`, `put`, `patch`,
    `delete` and `options`; see werkzeug's documentation for their arguments.

    Args:
        application: Any WSGI application.
    """

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__(application, _WerkzeugResponse, use_cookies=False)
        self._jar = CookieJar()

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request, of any method; werkzeug's, but for how a multipart form is written."""
        buffered = kwargs.pop("buffered", False)
        follow_redirects = kwargs.pop("follow_redirects", False)
        sent = _request(*args, **kwargs)
        answer = self._send(sent, buffered=buffered)
        if not follow_redirects:
            return answer
        history: list[TestResponse] = []
        while answer.status_code in _REDIRECTS:
            # Read to its end, as a browser does, so that the application ends the request.
            answer.make_sequence()
            answer.close()
            answer.history = tuple(history)
            if any(_leads(answer) == _leads(earlier) for earlier in history):
                raise ClientRedirectError(f"{answer.location} leads back to itself.")
            history.append(answer)
            answer = self._follow(answer, buffered=buffered)
        answer.history = tuple(history)
        answer.call_on_close(sent.environ["wsgi.input"].close)
        return answer

    def _follow(self, answer: TestResponse, *, buffered: bool) -> TestResponse:
        environ = redirected_environ(answer.request.environ, answer.status, answer.location)
        if environ is None:
            return self.resolve_redirect(answer, buffered)
        return self._send(Request(environ), buffered=buffered)

    def _send(self, sent: Request, *, buffered: bool) -> TestResponse:
        self._jar.send(sent.environ)
        body, status, headers = run_wsgi_app(self.application, sent.environ, buffered)
        self._jar.receive(sent.environ, headers.getlist("Set-Cookie"))
        return self.response_wrapper(body, status, headers, request=sent)

    def get_cookie(self, key: str, domain: str = "localhost", path: str = "/") -> Any:
        """Return a cookie that the site has set; None if there is none."""
        return self._jar.get(domain, path, key)

    def set_cookie(
        self,
        key: str,
        value: str = "",
        *,
        domain: str = "localhost",
        origin_only: bool = True,
        path: str = "/",
        **kwargs: Any,
    ) -> None:
        """Keep a cookie as if the site had set it."""
        header = dump_cookie(key, value, domain=domain, path=path, **kwargs)
        self._jar.keep(replace(read_cookie(header, domain, "/"), origin_only=origin_only))

    def delete_cookie(self, key: str, *, domain: str = "localhost", path: str = "/") -> None:
        """Forget a cookie."""
        self._jar.forget(domain, path, key)


_REDIRECTS = (301, 302, 303, 305, 307, 308)


def _leads(answer: TestResponse) -> tuple[str | None, int]:
    return answer.location, answer.status_code


def _request(*args: Any, **kwargs: Any) -> Request:
    """Return the request that the arguments of a call describe."""
    environ = plain_environ(*args, **kwargs)
    if environ is not None:
        return Request(environ)
    match args:
        # One argument alone may be a request that is made already, as in a redirect.
        case [Request() as ready] if not kwargs:
            return ready
        case [EnvironBuilder() as builder] if not kwargs:
            return builder.get_request()
        case [dict() as environ] if not kwargs:
            builder = Builder.from_environ(environ)
        case _:
            builder = Builder(*args, **kwargs)
    try:
        return builder.get_request()
    finally:
        builder.close()
