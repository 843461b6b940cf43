"""Helpers for a project's tests: a client (werkzeug's, as in Flask), mail, passwords, access."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from mimetypes import guess_type
from secrets import token_hex
from typing import TYPE_CHECKING, Any

try:
    from werkzeug.datastructures import FileStorage, Headers
    from werkzeug.test import Client as _WerkzeugClient
    from werkzeug.test import EnvironBuilder, TestResponse
    from werkzeug.wrappers import Response as _WerkzeugResponse
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'mtvgen.runtime.testing needs werkzeug. -> pip install "mtvgen[test]"', name=error.name
    ) from error

from mtvgen.runtime.mail.outbox import Outbox, sent_mail
from mtvgen.runtime.security.passwords import cheap_passwords

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from mtvgen.runtime.application.application import Application

__all__ = ["Client", "Outbox", "cheap_passwords", "sent_mail", "who_may_use"]


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
        # One argument alone may be a request that is made already, as in a redirect.
        if kwargs or not (len(args) == 1 and not isinstance(args[0], str)):
            builder = _Builder(*args, **kwargs)
            try:
                args = (builder.get_request(),)
            finally:
                builder.close()
        return super().open(*args, **passed)


_OF_OPEN = ("buffered", "follow_redirects")  # the arguments that say nothing of the request


class _Builder(EnvironBuilder):
    """Writes a multipart form as browsers do, in memory.

    werkzeug leaves out the line end of an empty part, which no browser does and strict parsers
    refuse; and what passes 500 kB it writes into a temporary file that nobody closes.
    """

    def get_environ(self) -> WSGIEnvironment:
        if self.input_stream is None and self.mimetype == "multipart/form-data":
            boundary = token_hex(16)
            fields = [*self.form.items(multi=True), *self.files.items(multi=True)]
            parts = [_part(boundary, name, value) for name, value in fields]
            self.close()  # the files, which an input stream stands in for from now on
            self.input_stream = BytesIO(b"".join([*parts, f"--{boundary}--\r\n".encode()]))
            self.content_type = f"multipart/form-data; boundary={boundary}"
        return super().get_environ()


def _part(boundary: str, name: str, value: Any) -> bytes:
    """Write a field or a file (RFC 7578, section 4.2; WHATWG HTML, "multipart/form-data")."""
    disposition = f'form-data; name="{_escaped(name)}"'
    if not isinstance(value, FileStorage):
        return _framed(boundary, [("Content-Disposition", disposition)], str(value).encode())
    if value.filename is not None:
        disposition += f'; filename="{_escaped(value.filename)}"'
    guessed = guess_type(value.filename or "")[0] or "application/octet-stream"
    fields = Headers(value.headers)
    fields["Content-Disposition"] = disposition
    fields.setdefault("Content-Type", guessed)
    return _framed(boundary, fields, value.read())


def _framed(boundary: str, fields: Iterable[tuple[str, str]], data: bytes) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"--{boundary}\r\n{head}\r\n".encode() + data + b"\r\n"


def _escaped(text: str) -> str:
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def who_may_use(application: Application) -> dict[str, str]:
    """Return who may use each route of a site, in words, so that a test can hold the whole table.

        assert who_may_use(application)["POST /notes"] == "signed in"

    Args:
        application: The one of `wsgi.py`; not a WSGI middleware around it.

    Returns:
        `{"GET /notes/<int:id>": "signed in"}`: one entry for each method of a route, in the order
        of `urlpatterns`, the static files last. HEAD goes with GET. What says nothing, on a site
        without accounts, is for `everybody`.
    """
    routes = sorted(application.router.routes, key=lambda route: route.is_built_in)
    return {
        f"{method} {route.pattern}": route.who or "everybody"
        for route in routes
        for method in route.methods
        if method != "HEAD" or "GET" not in route.methods
    }
