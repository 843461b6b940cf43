"""Input from other sites: same_origin() for forms, safe_next() for addresses."""

from __future__ import annotations

from collections.abc import Iterable

from mtvgen.runtime.http.errors import BadRequest, Forbidden
from mtvgen.runtime.http.grammar import SAFE_METHODS
from mtvgen.runtime.http.hosts import split_host
from mtvgen.runtime.middleware import Handler, Middleware, guards_itself
from mtvgen.runtime.requests.environ import host, script_name
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response


def same_origin(trusted: Iterable[str] = (), *, except_for: Iterable[str] = ()) -> Middleware:
    """Middleware that refuses what another site makes a visitor's browser send (403).

    Browsers say where a request comes from, in `Sec-Fetch-Site` (all since 2023) or in `Origin`.
    An unsafe method from another site, or from another subdomain, is refused; so a form needs no
    token. Programs that are not browsers send neither field, hold no visitor's cookie, and pass.
    The rules are those of Go's net/http.CrossOriginProtection.

    Args:
        trusted: Origins that may send forms here, such as `https://pay.example.com`.
        except_for: Paths that any site may send to, with the routes that are written below them:
            `/api/`. What answers there must not go by the visitor's cookies.

    Raises:
        ValueError: An entry of `trusted` is not an origin, or one of `except_for` not a path.
    """
    trusted_origins = frozenset(_checked_origin(origin) for origin in trusted)
    open_paths = tuple(_checked_path(open_path) for open_path in except_for)

    @guards_itself
    def middleware(handler: Handler) -> Handler:
        def guard(request: Request) -> Response:
            if (
                request.method not in SAFE_METHODS
                and _is_from_another_site(request, trusted_origins)
                and not _is_open(request, open_paths)
            ):
                return request.app.answer_error(request, Forbidden(_FROM_ANOTHER_SITE))
            return handler(request)

        return guard

    return middleware


_FROM_ANOTHER_SITE = "This was sent from another site. Open the page here and try again."


def _is_from_another_site(request: Request, trusted: frozenset[str]) -> bool:
    environ = request.environ
    site = environ.get("HTTP_SEC_FETCH_SITE", "")
    if site in ("same-origin", "none"):  # "none": the visitor's own doing, such as a bookmark
        return False
    origin = environ.get("HTTP_ORIGIN", "")
    if not site and (not origin or _host_of(origin) == host(environ).lower()):
        # Host has no scheme, so a page of this host without TLS passes: in browsers older than
        # 2023, and where no Strict-Transport-Security has been seen.
        return False
    return origin not in trusted


def _is_open(request: Request, paths: tuple[str, ...]) -> bool:
    """Return whether a path may be sent to from anywhere.

    It is named itself, or its route is below one.

    The route has to be written there: `/<str:language>/login` takes `/api/login` too, and goes by
    the visitor's cookies as in any other language.
    """
    asked = request.environ.get("PATH_INFO", "")
    if asked in paths:
        return True
    below = [path for path in paths if _is_below(asked, path)]
    if not below:
        return False
    try:
        found = request.app.router.match(request.method, request.path)
    except BadRequest:  # no view is reached, and the application says why
        return True
    return found is None or any(_is_below(found[0].pattern, path) for path in below)


def _is_below(asked: str, path: str) -> bool:
    return asked == path or asked.startswith(f"{path.rstrip('/')}/")


def _checked_path(path: str) -> str:
    if isinstance(path, str) and path.startswith("/") and path.strip("/") and path.isascii():
        return path
    raise ValueError(
        f"same_origin(except_for=[{path!r}]): an entry is a path below the site's first page, "
        "as in '/api/'."
    )


def _host_of(origin: str) -> str | None:
    scheme, separator, authority = origin.lower().partition("://")
    return authority if separator and scheme in ("http", "https") else None


def _checked_origin(origin: str) -> str:
    authority = _host_of(origin)
    if authority is None or split_host(authority) is None or origin != origin.lower():
        raise ValueError(
            f"same_origin(trusted=[{origin!r}]): an origin is scheme and host in lower case, "
            "as in 'https://pay.example.com', with the port where it is not the usual one."
        )
    return origin


def safe_next(request: Request, url: str | None, default: str | None = None) -> str:
    r"""Return where to go after a login: `url` if it stays on this site, or `default`.

        return redirect(safe_next(request, request.query.get("next")))

    Args:
        request: The request at hand.
        url: An address that came with the request; None where none did.
        default: The address to fall back to; None: the site's first page.

    Returns:
        A path or a query of this site, never another host, whatever browsers make of
        `//host`, `/\host`, `https:host` or a tab between two slashes.
    """
    fallback = script_name(request.environ) + "/" if default is None else default
    if not url:
        return fallback
    own = f"{request.environ['wsgi.url_scheme']}://{host(request.environ)}/"
    path = url[len(own) - 1 :] if url.startswith(own) else url
    return path if _stays_here(path) else fallback


def _stays_here(path: str) -> bool:
    # Browsers take a backslash for a slash and drop tabs and line ends (WHATWG URL, section
    # 4.4); whoever has those in an address means harm.
    return (
        path.startswith(("/", "?"))  # "?page=2" is this very page with another query
        and not path.startswith("//")
        and "\\" not in path
        and not any(character < " " or character == "\x7f" for character in path)
    )
