"""The head of one request: bytes in, values out, in one pass.

Nothing here touches a socket. What RFC 9110 and RFC 9112 do not allow is refused with the status
that they name, never repaired: two programs that repair in two ways are how requests get smuggled.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from mtvgen.runtime.http.grammar import TOKEN, is_token

MAX_REQUEST_LINE = 8 * 1024  # bytes; RFC 9112, section 3, asks for at least 8,000
MAX_HEAD = 64 * 1024  # bytes; browsers send one or two thousand, large cookies 16 thousand
MAX_FIELDS = 100  # no browser sends more than 30
MAX_LENGTH_DIGITS = 18  # of a Content-Length; enough for an exabyte, and safe as a C integer

# One space between the parts (RFC 9112, section 3). Bytes above 127 are no URI (RFC 3986), but
# people type them into curl; they count as if they were percent-encoded.
_REQUEST_LINE = re.compile(rf"({TOKEN}) ([\x21-\x7e\x80-\xff]+) HTTP/([0-9])\.([0-9])")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE_FORM = re.compile(r"https?://([^/?#]*)([^#]*)", re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LINE_BREAKERS = re.compile(r"[\x00\r\n]")
# Everything that a head can't hold; the line ends among it are counted and taken off.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code != 0x09)

# Fields that mean something else, or nothing, when they come twice.
_SINGLE = frozenset({"HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_TRANSFER_ENCODING"})
# The keys of names that were seen: a browser's head takes 12 microseconds and not 20, of the 70
# that a request takes in all.
_keys: dict[str, str] = {}
_MAX_KNOWN_NAMES = 1_000  # a client can invent any number of names


class HeadError(Exception):
    """A head that can't be answered but with an error, after which the connection is closed.

    Attributes:
        status: What to answer.
        reason: What was wrong, for the client and the log.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class RequestHead(NamedTuple):
    """The contents of the first part of a request.

    Attributes:
        method: As sent; methods are case-sensitive.
        path: Decoded once, its bytes as latin-1 text (PEP 3333, "Unicode Issues").
        query: Still encoded, without the `?`.
        version: `HTTP/1.0` or `HTTP/1.1`.
        fields: The header fields under their CGI keys (RFC 3875, section 4.1.18).
        length: Bytes of the body.
        keep_alive: The client leaves the connection open for a next request.
        expects_continue: The client waits for `100 Continue` before it sends the body.
    """

    method: str
    path: str
    query: str
    version: str
    fields: dict[str, str]
    length: int
    keep_alive: bool
    expects_continue: bool


def refuse_early(received: bytes | bytearray) -> None:
    """Refuse what can't become a head any more, before the rest has arrived.

    Raises:
        HeadError: It is too long, or holds what no head may: a TLS greeting, a bare line feed.
    """
    if received.find(b"\r\n", 0, MAX_REQUEST_LINE + 2) < 0 and len(received) > MAX_REQUEST_LINE:
        raise HeadError(HTTPStatus.REQUEST_URI_TOO_LONG, "the request line is too long")
    if len(received) > MAX_HEAD:
        raise _too_large(f"the head has more than {MAX_HEAD:,} bytes")
    # The last byte may be the first half of a line end.
    _refuse_controls(received[:-1] if received.endswith(b"\r") else received)


def parse_head(data: bytes) -> RequestHead:
    """Read a request's head, without the empty line that ends it.

    Raises:
        HeadError: It is not what RFC 9112 calls a request, or asks for what is not done here.
    """
    refuse_early(data)
    _refuse_controls(data)  # the last byte as well: nothing follows it any more
    first, *lines = data.decode("latin-1").split("\r\n")
    method, target, version = _request_line(first)
    fields = _fields(lines)
    path, query = _split_target(method, target, fields)
    _require_host(version, fields)
    return RequestHead(
        method,
        path,
        query,
        version,
        fields,
        _body_length(fields),
        _stays_open(version, fields.get("HTTP_CONNECTION", "")),
        _waits_for_continue(version, fields.get("HTTP_EXPECT")),
    )


def _bad(reason: str) -> HeadError:
    return HeadError(HTTPStatus.BAD_REQUEST, reason)


def _too_large(reason: str) -> HeadError:
    return HeadError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, reason)


def _refuse_controls(data: bytes | bytearray) -> None:
    if len(data.translate(None, _CONTROLS)) + 2 * data.count(b"\r\n") != len(data):
        raise _bad("the head holds control characters, or lines that do not end in CR LF")


def _request_line(line: str) -> tuple[str, str, str]:
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _bad("the request line is not 'METHOD /path HTTP/1.1'")
    method, target, major, minor = match.groups()
    if major != "1":
        raise HeadError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "only HTTP/1 is supported")
    # A later minor version is answered as the highest one known (RFC 9110, section 6.2).
    return method, target, "HTTP/1.0" if minor == "0" else "HTTP/1.1"


def _fields(lines: list[str]) -> dict[str, str]:
    if len(lines) > MAX_FIELDS:
        raise _too_large(f"there are more than {MAX_FIELDS} header fields")
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise _bad("a header field has no colon")
        key = _keys.get(name) or _cgi_key(name)
        value = value.strip(" \t")
        if key in fields:
            value = _combined(key, fields[key], value)
        fields[key] = value
    # `X_Forwarded_For` and `X-Forwarded-For` would get the same key; see _cgi_key.
    fields.pop("", None)
    return fields


def _cgi_key(name: str) -> str:
    # The empty name, folded lines and a blank before the colon all fail here.
    if is_token(name) is None:
        raise _bad("a header field's name is not a token")
    key = name.upper().replace("-", "_")
    if "_" in name:
        # Dropped, as nginx does: it could pass for the field with the dash.
        key = ""
    elif key not in ("CONTENT_LENGTH", "CONTENT_TYPE"):
        key = "HTTP_" + key
    if len(_keys) < _MAX_KNOWN_NAMES and key:
        _keys[name] = key
    return key


def _combined(key: str, first: str, second: str) -> str:
    if key in _SINGLE:
        name = key.removeprefix("HTTP_").replace("_", "-").title()
        raise _bad(f"{name} came twice")
    return f"{first}; {second}" if key == "HTTP_COOKIE" else f"{first}, {second}"


def _split_target(method: str, target: str, fields: dict[str, str]) -> tuple[str, str]:
    if method == "CONNECT":
        raise HeadError(HTTPStatus.NOT_IMPLEMENTED, "this is not a proxy")
    if not target.startswith("/") and not (target == "*" and method == "OPTIONS"):
        target = _without_authority(target, fields)
    if "#" in target:
        raise _bad("a request target has no fragment")
    path, _, query = target.partition("?")
    if "%" in path or not path.isascii():
        path = _decoded(path)
    return path, query


def _without_authority(target: str, fields: dict[str, str]) -> str:
    match = _ABSOLUTE_FORM.fullmatch(target)
    if match is None:
        raise _bad("the request target is not a path")
    # It wins over the Host field (RFC 9112, section 3.2.2), which must be there all the same.
    if "HTTP_HOST" in fields:
        fields["HTTP_HOST"] = match[1]
    rest = match[2]
    return rest if rest.startswith("/") else "/" + rest


def _decoded(path: str) -> str:
    if _BAD_ESCAPE.search(path):
        raise _bad("a '%' in the path is not followed by two hexadecimal digits")
    decoded = unquote_to_bytes(path.encode("latin-1"))
    text = decoded.decode("latin-1")
    if _LINE_BREAKERS.search(text):
        raise _bad("the path holds CR, LF or NUL")
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad("the path is not UTF-8") from error
    return text


def _require_host(version: str, fields: dict[str, str]) -> None:
    host = fields.get("HTTP_HOST")
    if host is None:
        if version == "HTTP/1.1":
            raise _bad("HTTP/1.1 needs a Host field")
    elif _AUTHORITY.fullmatch(host) is None:
        raise _bad("the Host field is not a valid host")


def _body_length(fields: dict[str, str]) -> int:
    coding = fields.get("HTTP_TRANSFER_ENCODING")
    if coding is not None:
        if coding.lower() == "chunked":
            raise HeadError(HTTPStatus.LENGTH_REQUIRED, "send a Content-Length, not chunks")
        raise HeadError(HTTPStatus.NOT_IMPLEMENTED, "transfer codings are not supported")
    length = fields.get("CONTENT_LENGTH")
    if length is None:
        return 0
    if not (length.isascii() and length.isdigit()):
        raise _bad("the Content-Length is not a number")
    if len(length) > MAX_LENGTH_DIGITS:
        raise HeadError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the Content-Length is absurd")
    return int(length)


def _stays_open(version: str, connection: str) -> bool:
    if not connection:
        return version == "HTTP/1.1"
    options = {option.strip() for option in connection.lower().split(",")}
    if "close" in options:
        return False
    return version == "HTTP/1.1" or "keep-alive" in options


def _waits_for_continue(version: str, expectation: str | None) -> bool:
    if expectation is None or version == "HTTP/1.0":
        return False
    if expectation.lower() != "100-continue":
        raise HeadError(HTTPStatus.EXPECTATION_FAILED, "only 100-continue can be expected")
    return True
