"""The address that a client asked for, as WSGI's environ has it (PEP 3333)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from mtvgen.runtime.http.errors import BadRequest
from mtvgen.runtime.http.grammar import has_controls

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# What RFC 3986 allows in a path as it is, besides letters and digits.
PATH_SAFE = "/!$&'()*+,;=:@~-._"
# What a query string may hold as it is; "%" is the client's own encoding.
_QUERY_SAFE = PATH_SAFE + "?%"


def decode_path(path_info: str) -> str:
    """Return the path as text, from what WSGI hands over.

    Raises:
        BadRequest: It is not UTF-8, or holds a control character.
    """
    # Most paths are plain ASCII: two calls into C and done.
    if path_info.isascii() and path_info.isprintable():
        return path_info or "/"
    # WSGI hands the path's raw bytes over as latin-1 text (PEP 3333, "Unicode Issues");
    # bytes that are no UTF-8 are a bad request, never a guess.
    try:
        path = path_info.encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise BadRequest("The path is not UTF-8.") from error
    if has_controls(path):
        raise BadRequest("The path holds a control character.")
    return path


def script_name(environ: WSGIEnvironment) -> str:
    """Return the prefix that the application is mounted at, percent-encoded; mostly empty."""
    prefix: str = environ.get("SCRIPT_NAME", "")
    if not prefix:
        return ""
    # One slash at its beginning: two would make every link one to another host.
    path = quote(prefix.encode("latin-1", "replace"), safe=PATH_SAFE).strip("/")
    return "/" + path if path else ""


def link_to(environ: WSGIEnvironment, path: str) -> str:
    """Return a path below the application as a link: percent-encoded, behind its prefix."""
    return script_name(environ) + quote(path, safe=PATH_SAFE)


def query_part(environ: WSGIEnvironment) -> str:
    """Return the query string as it was sent, with its `?`; empty if there is none."""
    query: str = environ.get("QUERY_STRING", "")
    # Raw bytes as latin-1 text (PEP 3333); what the client did not encode is encoded here.
    return "?" + quote(query.encode("latin-1", "replace"), safe=_QUERY_SAFE) if query else ""


def host(environ: WSGIEnvironment) -> str:
    """Return the authority that the client asked for: Host, or the server's own name and port."""
    if named := environ.get("HTTP_HOST"):
        return str(named)
    name, port = environ["SERVER_NAME"], environ["SERVER_PORT"]
    if ":" in name and not name.startswith("["):  # an IPv6 address (RFC 3986, section 3.2.2)
        name = f"[{name}]"
    standard = {"http": "80", "https": "443"}.get(environ["wsgi.url_scheme"])
    return str(name) if port == standard else f"{name}:{port}"
