"""accounts(): who is signed in, and who may use which route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from mtvgen.runtime.accounts.access import everybody
from mtvgen.runtime.accounts.carried import Carried
from mtvgen.runtime.accounts.refusals import Refusals
from mtvgen.runtime.accounts.signing_in import account_of, note_visit
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.environ import decode_path
from mtvgen.runtime.requests.life import OpenedUser
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.routing.access import Access, mistake_of_access
from mtvgen.runtime.routing.router import Router

if TYPE_CHECKING:
    from mtvgen.runtime.application.guards import Dispatch

_NEEDED = ("id", "email", "roles", "key", "sessions_valid_from", "ended_sessions")


def accounts(
    user_class: type[Any], *, access: Access = everybody, log_in: str | None = "accounts.log_in"
) -> Middleware:
    """Middleware that gives each request a `request.user`, and each route its guard.

    The guard decides after routing and before the view. It goes below `database_session()` and
    `signed_sessions()`.

    Args:
        user_class: The project's model of its users: `User`, with the columns of
            `SessionColumns` and `id`, `email` and `roles`.
        access: Who may use the routes that do not say, and what is not a route.
        log_in: The name of the route of the login page, which has no parameters and is for
            everybody; None where nobody signs in by a page, so that all are answered with 401.

    Raises:
        TypeError: The class lacks a column, or `access` is not a rule; says what to write.
    """
    missing = [name for name in _NEEDED if not hasattr(user_class, name)]
    if missing:
        name = getattr(user_class, "__name__", repr(user_class))
        raise TypeError(
            f"accounts({name}): it has no {', '.join(missing)}. "
            f"-> class {name}(SessionColumns, Model), with id, email and roles"
        )
    if wrong := mistake_of_access(access):
        raise TypeError(f"accounts(): {wrong}.")
    return guards_itself(_Accounts(user_class, access, log_in))


class _Accounts:
    """The middleware, which is the application's `Guard` and the source of `request.user` too."""

    def __init__(self, user_class: type[Any], access: Access, log_in: str | None) -> None:
        self.access = access
        self.everybody: Access = everybody
        self._user_class = user_class
        self._log_in = log_in

    def __call__(self, handler: Handler) -> Handler:
        def with_user(request: Request) -> Response:
            if request.database is None or request.session_store is None:
                return request.app.answer_error(request, RuntimeError(_TOO_HIGH))
            request.user_source = self
            response = handler(request)
            if request.opened_user is not None and request.opened_user.has_left:
                # Not "cookies": the site may have others, such as one of the language.
                response.headers["Clear-Site-Data"] = '"cache", "storage"'
            return response

        return with_user

    def around(self, dispatch: Dispatch, router: Router) -> Handler:
        """Return the handler that guards the routes of a router."""
        refusals = Refusals(router, self.access, self._log_in)

        def guarded(request: Request) -> Response:
            try:
                # As it is now, and not request.path, which a middleware may have read before
                # another one changed the environ.
                path = decode_path(request.environ.get("PATH_INFO", ""))
                found = router.find(request.method, path)
                if found and found[0].access is everybody:
                    return dispatch(request, found)
                refusal = refusals.refusal_for(request, path, found)
                if refusal is not None:
                    return refusal
            except Exception as error:
                return request.app.answer_error(request, error)
            response = dispatch(request, found)
            if found:
                keep_private(response)
            return response

        return guarded

    def load(self, request: Request) -> OpenedUser:
        """Return who is signed in: one query, and none for a visitor."""
        carried = Carried.read(request.session)
        if carried is None:
            return OpenedUser()
        row = request.db.scalars(
            select(self._user_class).where(self._user_class.key == carried.key)
        ).one_or_none()
        if row is None or not carried.holds_for(row):
            return OpenedUser()
        note_visit(request, row)
        return OpenedUser(account_of(row), row)


_TOO_HIGH = (
    "accounts() is too high in the list. -> in wsgi.py, it goes below database_session() and "
    "signed_sessions()"
)


def keep_private(response: Response) -> None:
    """Keep what not everybody may see out of shared caches (RFC 9111, section 5.2.2).

    A view's own `max-age=60` is meant for the browser, and would be taken by a proxy too.
    """
    for name in {name for name in response.headers if _is_for_one_cache(name)}:
        del response.headers[name]
    given = response.headers.get("Cache-Control")
    if given is None:  # signed_sessions() writes what is right
        return
    directives = [part.strip() for part in given.split(",")]
    kept = [part for part in directives if part and not _is_for_shared_caches(part)]
    if not {"private", "no-store", "no-cache"} & {part.lower() for part in kept}:
        kept.insert(0, "private")
    response.headers["Cache-Control"] = ", ".join(kept)


def _is_for_one_cache(name: str) -> bool:
    """Return whether a field goes before Cache-Control, for the caches that know it (RFC 9213)."""
    lowered = name.lower()
    return lowered.endswith("cdn-cache-control") or lowered in _OF_ONE_CACHE


_OF_ONE_CACHE = frozenset({"surrogate-control", "x-accel-expires"})


def _is_for_shared_caches(directive: str) -> bool:
    name = directive.partition("=")[0].strip().lower()
    return name in ("public", "s-maxage", "proxy-revalidate", "must-understand")
