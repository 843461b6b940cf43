"""Answers to somebody who may not use a route, or may not know whether there is one.

What a person may not use answers in one way, whatever is there: an address that no route has, a
method that it does not take, OPTIONS, and a slash too many say no more than the route itself. For
a visitor of a site that is closed by default, all of them are the login page, or 401.
"""

from __future__ import annotations

from mtvgen.runtime.accounts.account import Account
from mtvgen.runtime.http.errors import Forbidden, MethodNotAllowed, Unauthorized
from mtvgen.runtime.http.grammar import SAFE_METHODS
from mtvgen.runtime.http.negotiation import preferred_type
from mtvgen.runtime.requests.environ import link_to, query_part
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response, redirect
from mtvgen.runtime.routing.access import Access
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.tables import Finding, Found
from mtvgen.runtime.security.origins import safe_next
from mtvgen.runtime.support.suggestions import did_you_mean

_LONGEST_NEXT = 1500  # characters; a longer address would make the login page's too long for some


class Refusals:
    """Decides who is refused, and how.

    Args:
        router: The routes, each with its rule.
        access: The rule of what is not a route.
        log_in: The name of the route of the login page; None: there is none.

    Raises:
        ValueError: No route has the name, or it is not for everybody, or has parameters.
    """

    def __init__(self, router: Router, access: Access, log_in: str | None) -> None:
        self._router = router
        self._access = access
        self._log_in = log_in
        if log_in is not None and self._closes_something():
            _check_login_page(router, log_in)

    def _closes_something(self) -> bool:
        rules = [self._access, *(route.access for route in self._router.routes)]
        return any(rule is not None and not rule.allows(None) for rule in rules)

    def refusal_for(self, request: Request, path: str, found: Finding) -> Response | None:
        """Return the answer that keeps somebody out; None where the application may answer.

        Args:
            request: The request at hand.
            path: The path that the router was asked for.
            found: What the router has found for it.
        """
        account = request.user
        if found:
            return self._refuse(request, account, found[0].access)
        other = self._router.other_slash(request.method, path)
        target = self._router.match(request.method, other) if other else None
        if target is not None:
            return self._refuse(request, account, target[0].access)
        allowed = self._router.allowed(path)
        if not allowed:
            return self._refuse(request, account, self._access)
        return self._answer_method(request, account, path, allowed)

    def _answer_method(
        self, request: Request, account: Account | None, path: str, allowed: frozenset[str]
    ) -> Response | None:
        """Answer OPTIONS, and a method that no route takes: by what this person may use there."""
        usable = {
            method
            for method in allowed
            if (found := self._router.match(method, path)) and self._allows(account, found)
        }
        shown = usable | {"OPTIONS"}
        is_asked = request.method == "OPTIONS"
        if not usable or not (is_asked or self._access.allows(account)):
            return self._no_entry(request, account)
        if shown == allowed:
            return None  # the application says the same
        if is_asked:
            return Response(status=204, headers={"Allow": ", ".join(sorted(shown))})
        return request.app.answer_error(request, MethodNotAllowed(shown))

    def _allows(self, account: Account | None, found: Found) -> bool:
        access = found[0].access
        return access is None or access.allows(account)

    def _refuse(
        self, request: Request, account: Account | None, access: Access | None
    ) -> Response | None:
        if access is None or access.allows(account):
            return None
        return self._no_entry(request, account)

    def _no_entry(self, request: Request, account: Account | None) -> Response:
        if account is not None:
            return request.app.answer_error(request, Forbidden())
        response = self._for_visitor(request)
        # The session's layer adds Cookie, and keeps shared caches away.
        response.headers["Vary"] = "Accept, Authorization"
        response.headers["Cache-Control"] = "no-store"
        return response

    def _for_visitor(self, request: Request) -> Response:
        page = None if self._log_in is None else request.url_for(self._log_in)
        if page is not None and self._log_in is not None and is_browser(request):
            # 303 and not 307: a login page is read, whatever was sent (RFC 9110, 15.4.4).
            return redirect(request.url_for(self._log_in, next=_way_here(request)))
        challenge = "Cookie" if page is None else f'Cookie form-action="{page}"'
        error = Unauthorized(headers=[("WWW-Authenticate", challenge)])
        return request.app.answer_error(request, error)


def is_browser(request: Request) -> bool:
    """Return whether a person sees the answer: HTML is asked for by name, with no credentials."""
    environ = request.environ
    if "HTTP_AUTHORIZATION" in environ:
        return False
    # A program that takes anything, as curl does, gets what is offered first.
    wanted = preferred_type(environ.get("HTTP_ACCEPT"), ("application/json", "text/html"))
    return wanted == "text/html"


def _way_here(request: Request) -> str | None:
    """Return the address to come back to: this one, or the page that a form was sent from."""
    environ = request.environ
    if request.method in SAFE_METHODS:
        path = link_to(environ, request.path)
        whole = path + query_part(environ)
        back = whole if len(whole) <= _LONGEST_NEXT else path
    else:
        back = safe_next(request, environ.get("HTTP_REFERER"), "")
    return back if back and len(back) <= _LONGEST_NEXT else None


def _check_login_page(router: Router, name: str) -> None:
    """Refuse a login page that leads a visitor nowhere, or round in circles.

    Raises:
        ValueError: Says what to write.
    """
    routes = [route for route in router.routes if route.name == name]
    place = f"accounts(log_in={name!r})"
    if not routes:
        meant = did_you_mean(name, sorted(route.name for route in router.routes if route.name))
        raise ValueError(f"{place}: no route has that name.{meant}")
    if routes[0].parsed.parameters:
        raise ValueError(
            f"{place}: {routes[0].pattern} has parameters, which nobody could fill in."
        )
    for route in routes:
        if route.access is not None and not route.access.allows(None):
            raise ValueError(
                f"{place}: {route.location} is not for everybody, so nobody could sign in. "
                "-> access=everybody"
            )
