"""Cookies: the request's `Cookie` field, and the `Set-Cookie` fields of the answer.

The rules are those of RFC 6265 and of its successor's draft (6265bis, for SameSite,
Partitioned and the prefixes of a name).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from mtvgen.runtime.http.conditions import format_http_date
from mtvgen.runtime.http.grammar import is_token
from mtvgen.runtime.http.hosts import split_host

# Bytes of one Set-Cookie value: the least that a browser must keep (RFC 6265, section 6.1).
MAX_COOKIE_SIZE = 4096

# The grammar of a cookie's name and of its value without quotes (RFC 6265, section 4.1.1).
_COOKIE_OCTETS = re.compile(r"[!#-+\--:<-\[\]-~]*")

# What http.cookies leaves as it is between quotes; all else becomes an octal escape.
_TO_ESCAPE = re.compile(rb"[^ !#-+\--:<-\[\]-~]")
_ESCAPED = re.compile(rb"\\([0-3][0-7][0-7]|.)", re.DOTALL)


def parse_cookies(header: str) -> dict[str, str]:
    """Return the cookies of a `Cookie` field; of two with one name, the first wins.

    Browsers send the cookie with the longest path first, so the first is the nearest. A pair
    without `=`, without a name or with NUL in its value is left out, and never disturbs the others.

    Args:
        header: The field's bytes as latin-1 text, as a WSGI server hands them over (PEP 3333).
    """
    cookies: dict[str, str] = {}
    if '"' in header or "\0" in header:
        for name, value in _pairs(header):
            cookies.setdefault(name, value)
        return cookies
    # The loop of _pairs() once more: a generator would cost a page with cookies a tenth of it.
    for pair in _as_text(header).split(";"):
        name, equals, value = pair.partition("=")
        name = name.strip(" \t")
        if name and equals and name not in cookies:
            cookies[name] = value.strip(" \t")
    return cookies


def cookie_values(header: str, name: str) -> list[str]:
    """Return the values of all cookies of one name, in the order in which they came.

    Any subdomain can set a cookie of a name for the whole domain, so which of them comes first
    says nothing about which is the right one (RFC 6265, section 4.2.2).

    Args:
        header: As for `parse_cookies()`.
        name: The cookie's name; case counts.
    """
    return [value for own, value in _pairs(header) if own == name]


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    """Each cookie's name and value, without those whose value holds NUL, escaped or not.

    No browser keeps such a cookie (6265bis, section 5.6), and no database such a text. It is not
    a bad request, as NUL is elsewhere: who tosses it once would lock the visitor out for good.
    """
    for pair in _as_text(header).split(";"):
        name, equals, value = pair.partition("=")
        # Space and tab alone: strip() would take Unicode's spaces too, and turn a name that a
        # browser lets any page set into one that `__Host-` protects.
        name = name.strip(" \t")
        value = _unquoted(value.strip(" \t"))
        if name and equals and "\0" not in value:
            yield name, value


def _as_text(header: str) -> str:
    """Return what browsers send in UTF-8; bytes that are not become U+FFFD."""
    if header.isascii():
        return header
    return header.encode("latin-1", "replace").decode("utf-8", "replace")


def _unquoted(value: str) -> str:
    """Undo the quotes and escapes of http.cookies; what is not quoted at both ends stays."""
    if len(value) < 2 or not value[0] == value[-1] == '"':
        return value
    if "\\" not in value:
        return value[1:-1]
    data = _ESCAPED.sub(_unescaped, value[1:-1].encode())
    return data.decode("utf-8", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    return bytes([int(escape, 8)]) if len(escape) == 3 else escape


class CookieTooLarge(ValueError):
    """A finished `Set-Cookie` field passes what browsers need to keep.

    Attributes:
        size: Bytes of the field's value.
    """

    def __init__(self, name: str, size: int) -> None:
        super().__init__(
            f"cookie {name}: {size:,} bytes; browsers need to keep no more than "
            f"{MAX_COOKIE_SIZE:,} (RFC 6265, section 6.1)."
        )
        self.size = size


def format_set_cookie(
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: datetime | float | None = None,
    path: str = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = True,
    samesite: str | None = "Lax",
    partitioned: bool = False,
) -> str:
    """Return the value of a `Set-Cookie` field.

    Args:
        name: A token (RFC 9110, section 5.6.2).
        value: Text; what RFC 6265 does not allow in a cookie is quoted as http.cookies does.
        max_age: Lifetime in seconds; 0 deletes. None keeps it until the browser closes.
        expires: The same as a moment: a datetime with its zone, or seconds since 1970.
        path: Prefix of the paths that get the cookie back.
        domain: A host whose subdomains get it too; None is this host alone.
        secure: Over https only.
        httponly: Hidden from scripts.
        samesite: "Strict", "Lax", "None", or None to leave it to the browser.
        partitioned: One jar for each site that embeds this one (CHIPS).

    Raises:
        ValueError: The name is not a token, an attribute has a character that would end it, the
            attributes contradict each other or the name's prefix, or the finished field passes
            4,096 bytes (`CookieTooLarge`), the least that RFC 6265 (section 6.1) asks of a browser.
        TypeError: Something is not of the type above.
    """
    if not isinstance(name, str) or not is_token(name):
        raise ValueError(f"cookie name {name!r} is not a token (RFC 6265, section 4.1.1).")
    if not isinstance(value, str):
        raise TypeError(f"cookie {name}: its value is {value!r}, not a str. -> str(...)")
    texts = {"path": path, "domain": domain or "", "samesite": samesite or ""}
    for attribute, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"cookie {name}: {attribute}={text!r} is not a str.")
    if isinstance(expires, str):
        raise TypeError(
            f"cookie {name}: expires={expires!r} is neither a datetime nor seconds since 1970."
        )
    _check_combination(name, path, domain, secure, httponly, samesite, partitioned)
    parts = [f"{name}={_quoted(name, value)}"]
    if expires is not None:
        parts.append(f"Expires={format_http_date(expires)}")
    if max_age is not None:
        parts.append(f"Max-Age={_whole_seconds(name, max_age)}")
    if domain is not None:
        parts.append(f"Domain={_domain(name, domain)}")
    parts.append(f"Path={_path(name, path)}")
    if secure:
        parts.append("Secure")
    if httponly:
        parts.append("HttpOnly")
    if samesite is not None:
        parts.append(f"SameSite={samesite.capitalize()}")
    if partitioned:
        parts.append("Partitioned")
    return _within_size(name, "; ".join(parts))


def _check_combination(
    name: str,
    path: str,
    domain: str | None,
    secure: bool,
    httponly: bool,
    samesite: str | None,
    partitioned: bool,
) -> None:
    """Refuse what a browser would drop silently (6265bis, sections 4.1.3 and 5.7)."""
    if samesite is not None and samesite.lower() not in ("strict", "lax", "none"):
        raise ValueError(f'cookie {name}: samesite={samesite!r} is not "Strict", "Lax" or "None".')
    lowered = name.lower()
    needs_secure = {
        "SameSite=None": samesite is not None and samesite.lower() == "none",
        "Partitioned": partitioned,
        "the prefix of its name": lowered.startswith(("__secure-", "__host-", "__http-")),
    }
    for what, needed in needs_secure.items():
        if needed and not secure:
            raise ValueError(f"cookie {name}: browsers drop {what} without secure=True.")
    if lowered.startswith("__host-") and (domain is not None or path != "/"):
        raise ValueError(f'cookie {name}: the prefix __Host- asks for path="/" and no domain.')
    if lowered.startswith(("__http-", "__host-http-")) and not httponly:
        raise ValueError(f"cookie {name}: the prefix of its name asks for httponly=True.")


def _quoted(name: str, value: str) -> str:
    if _COOKIE_OCTETS.fullmatch(value):
        return value
    if "\0" in value:  # what parse_cookies() leaves out
        raise ValueError(f"cookie {name}: {value!r} has NUL, and is not read as a cookie.")
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"cookie {name}: {value!r} has half of a surrogate pair.") from None
    return f'"{_TO_ESCAPE.sub(_escaped, data).decode("ascii")}"'


def _escaped(match: re.Match[bytes]) -> bytes:
    byte = match[0]
    return b"\\" + byte if byte in b'"\\' else b"\\%03o" % ord(byte)


def _whole_seconds(name: str, max_age: int) -> int:
    if not isinstance(max_age, int):
        raise ValueError(f"cookie {name}: max_age={max_age!r} is not a whole number of seconds.")
    return int(max_age)


def _domain(name: str, domain: str) -> str:
    split = split_host(domain.removeprefix("."))
    if split is None or ":" in domain:
        raise ValueError(f"cookie {name}: domain={domain!r} is not a host name in ASCII.")
    return split[0]


def _path(name: str, path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"cookie {name}: path={path!r} must start with '/'.")
    # Browsers compare with the address as it is sent, percent-encoded. Controls and `;` would
    # end the attribute; they have no business in a path, encoded or not.
    if ";" in path or not path.isprintable():
        raise ValueError(f"cookie {name}: path={path!r} holds ';' or a control character.")
    return quote(path, safe="/%!$&'()*+,:=@~")


def _within_size(name: str, field: str) -> str:
    # All of it is ASCII by now, so characters are bytes.
    if len(field) > MAX_COOKIE_SIZE:
        raise CookieTooLarge(name, len(field))
    return field
