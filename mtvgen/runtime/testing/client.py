"""The browser without a screen that tests use: werkzeug's client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.test import Client as _WerkzeugClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request
from werkzeug.wrappers import Response as _WerkzeugResponse

from mtvgen.runtime.testing.multipart import Builder
from mtvgen.runtime.testing.plain import plain_environ

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
        super().__init__(application, _WerkzeugResponse)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request, of any method; werkzeug's, but for how a multipart form is written."""
        passed = {name: kwargs.pop(name) for name in _OF_OPEN if name in kwargs}
        environ = plain_environ(*args, **kwargs)
        if environ is not None:
            args = (Request(environ),)
        # One argument alone may be a request that is made already, as in a redirect.
        elif kwargs or not (len(args) == 1 and not isinstance(args[0], str)):
            builder = Builder(*args, **kwargs)
            try:
                args = (builder.get_request(),)
            finally:
                builder.close()
        return super().open(*args, **passed)


_OF_OPEN = ("buffered", "follow_redirects")  # the arguments that say nothing of the request
