"""The client for a project's tests: werkzeug's, which Flask users know."""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    from werkzeug.test import Client as _WerkzeugClient
    from werkzeug.wrappers import Response as _WerkzeugResponse
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'mtvgen.runtime.testing needs werkzeug. -> pip install "mtvgen[test]"', name=error.name
    ) from error

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
