"""The names that every template has of the request at hand, without a view's passing them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.sessions import get_flashed_messages

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request
    from mtvgen.runtime.static import StaticFiles

# The names that every template has, for the request at hand.
REQUEST_NAMES = frozenset({"request", "url_for", "static", "get_flashed_messages", "csp_nonce"})


def names_for(request: Request) -> dict[str, Any]:
    """Return each of `REQUEST_NAMES` with its value."""
    return {
        "request": request,
        "url_for": request.url_for,
        "static": _Static(request),
        "get_flashed_messages": _FlashedMessages(request),
        "csp_nonce": _Nonce(request),
    }


class _Static:
    """`static("style.css")`: the address of a file in `static/`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def __call__(self, name: str) -> str:
        static: StaticFiles | None = self._request.app.static
        if static is None:
            raise RuntimeError(
                "static() needs a directory. -> in wsgi.py: "
                'Application(urlpatterns, static=settings.root / "static")'
            )
        return static.url(self._request, name)


class _FlashedMessages:
    """`get_flashed_messages()`: what the views before this one have left to say."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def __call__(self) -> list[str]:
        return get_flashed_messages(self._request)


class _Nonce:
    """`{{ csp_nonce }}`: made when it is printed, so that only pages that use it pay for it."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def __html__(self) -> str:
        request = self._request
        if request.csp_nonce is None:
            request.csp_nonce = secrets.token_urlsafe(16)
        return request.csp_nonce

    __str__ = __html__


def user_of(request: Request) -> Any:
    """Return `request.user`; None on an error page that is rendered above `accounts()`.

    A refused host, for one, is answered before anybody could know who asks.
    """
    if request.opened_user is None and (request.user_source is None or request.database is None):
        return None
    return request.user
