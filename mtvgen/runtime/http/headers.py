"""Header fields: those of a request, over its environ, and those of an answer, checked when set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar, overload

from mtvgen.runtime.http.grammar import is_token

D = TypeVar("D")

# The grammar of a field name (RFC 9110, section 5.1).

# What belongs to the server: the connection (PEP 3333, "Other HTTP Features"), and the name that
# a CGI server takes for the status line.
_SERVERS_OWN = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "status",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
    }
)


class RequestHeaders(Mapping[str, str]):
    """The request's header fields, whatever the case of the name.

    A view on the environ, so nothing is copied; values are the server's latin-1 text (PEP 3333).
    A field that came twice was joined by the server, with commas.
    """

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        """Return the value of a field.

        Raises:
            KeyError: The request has no such field.
        """
        value: str = self._environ.get(_ENVIRON_KEYS[name], "")
        # Present and empty is possible, and rare: the second look is off the fast path.
        if value or name in self:
            return value
        raise KeyError(name)

    @overload
    def get(self, name: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, name: str, default: str, /) -> str: ...
    @overload
    def get(self, name: str, default: D, /) -> str | D: ...
    def get(self, name: str, default: Any = None, /) -> Any:
        """Return the value of a field, or the default."""
        value = self._environ.get(_ENVIRON_KEYS[name], "")
        return value if value or name in self else default

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        key = _ENVIRON_KEYS[name]
        # Servers may leave the two CGI variables empty where the field is absent (PEP 3333).
        return key in self._environ and (key.startswith("HTTP_") or bool(self._environ[key]))

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            name = _field_name(key)
            if name is not None and name in self:
                yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        # Names only: Cookie and Authorization are secrets, and a repr ends up in a log.
        return f"<RequestHeaders {', '.join(self)}>"


class ResponseHeaders(MutableMapping[str, str]):
    """An answer's header fields: order kept, case of a name ignored, repeats allowed.

    A thin view on a list of pairs, which is what WSGI takes and what costs least.
    `[]=` replaces every field of that name, `add()` appends one more.

    Args:
        fields: The list to look at and to change.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        lowered = name.lower()
        for present, value in self._fields:
            if present.lower() == lowered:
                return value
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        """Give a field one value, at the place of the first of that name.

        Raises:
            ValueError: The name is not a token (RFC 9110, section 5.6.2), or the value has a
                control character or one beyond ASCII.
            TypeError: The value is not a str.
        """
        # Most requests set a header: one that is not there yet, whose name was seen before.
        fields = self._fields
        try:
            lowered = _LOWERED[name]
            for present, _ in fields:
                if _LOWERED[present] == lowered:
                    break
            else:
                if type(value) is str and value.isascii() and value.isprintable():
                    fields.append((name, value))
                    return
        except KeyError:
            pass
        self._set(name, value)

    def add(self, name: str, value: str) -> None:
        """Append a field, next to those of the same name; for `Set-Cookie`, `Link`, `Vary`.

        Raises:
            ValueError: As when it is set.
            TypeError: The value is not a str.
        """
        _lower_token(name)  # which refuses what is not a name
        self._fields.append((name, checked_value(name, value)))

    def getlist(self, name: str) -> list[str]:
        """All values of a field in order; an empty list where there are none."""
        lowered = name.lower()
        return [value for present, value in self._fields if present.lower() == lowered]

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        lowered = name.lower()
        self._fields[:] = [pair for pair in self._fields if pair[0].lower() != lowered]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        lowered = name.lower()
        return any(present.lower() == lowered for present, _ in self._fields)

    def __iter__(self) -> Iterator[str]:
        return iter({name.lower(): name for name, _ in reversed(self._fields)}.values())

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._fields})

    def __repr__(self) -> str:
        return f"ResponseHeaders({self._fields!r})"

    def _set(self, name: str, value: str) -> None:
        """Put a field in place of the first of its name and drop the others, or append it."""
        lowered = _lower_token(name)
        field = (name, checked_value(name, value))
        fields = self._fields
        places = [i for i, (present, _) in enumerate(fields) if _lower_token(present) == lowered]
        for place in reversed(places[1:]):
            del fields[place]
        if places:
            fields[places[0]] = field
        else:
            fields.append(field)


# Names that are remembered; nothing stops a program from making up names without end.
_MAX_KNOWN = 1024


class _Known(dict[str, str]):
    """A cache of a function's results for names; reading it costs a third of an lru_cache."""

    def __init__(self, function: Callable[[str], str]) -> None:
        self._function = function

    def __missing__(self, name: str) -> str:
        value = self._function(name)
        if len(self) < _MAX_KNOWN:
            self[name] = value
        return value


def _lower_token(name: str) -> str:
    """Return a field name in lower case, once it is known to be one.

    Raises:
        ValueError: It is not a token (RFC 9110, section 5.6.2), so it could end the header section;
            or it is the server's to send.
    """
    if name in _LOWERED:
        return _LOWERED[name]
    if not is_token(name):
        raise ValueError(f"header name {name!r} is not a token (RFC 9110, section 5.6.2).")
    lowered = name.lower()
    if lowered in _SERVERS_OWN:
        raise ValueError(f"header {name} is the server's to send, not an application's (PEP 3333).")
    if len(_LOWERED) < _MAX_KNOWN:
        _LOWERED[name] = lowered
    return lowered


# Names that were checked -> lower case. A plain dict: CPython reads it in half the time of a
# subclass with __missing__.
_LOWERED: dict[str, str] = {}


def checked_value(name: str, value: str) -> str:
    """Return a field value, once it is known to be safe to send.

    Printable ASCII: PEP 3333 forbids control characters, the tab among them, and beyond ASCII
    a recipient must guess (RFC 9110, section 5.5), so percent-encode or leave it out.

    Raises:
        ValueError: It has another character; CR and LF would start a header field of their own.
        TypeError: It is not a str.
    """
    if type(value) is str and value.isascii() and value.isprintable():
        return value
    return _plain_value(name, value)


def _plain_value(name: str, value: object) -> str:
    """Return a subclass of str as plain str, which is all that PEP 3333 takes (a cold path)."""
    if not isinstance(value, str):
        raise TypeError(f"header {name}: {value!r} is not a str; write str(...) around it.")
    plain = str.__str__(value)
    bad = next((char for char in plain if not (char.isascii() and char.isprintable())), None)
    if bad is None:
        return plain
    what = "a control character" if bad.isascii() else "beyond ASCII"
    raise ValueError(f"header {name}: {plain!r} holds {bad!r}, which is {what}.")


def header_pairs(
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
) -> Iterable[tuple[str, str]]:
    """Return header fields as pairs of a name and a value, which nobody has looked at yet.

    Raises:
        TypeError: Something is not a pair.
    """
    return headers.items() if isinstance(headers, Mapping) else _pairs(headers)


def _pairs(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for pair in headers:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                f"headers: {pair!r} is not a name with its value. "
                'Write headers={"Retry-After": "60"}.'
            )
        yield pair[0], pair[1]


def _environ_key(name: str) -> str:
    """Return where CGI keeps a field (RFC 3875, section 4.1): `User-Agent` -> `HTTP_USER_AGENT`."""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


_ENVIRON_KEYS = _Known(_environ_key)


def _field_name(key: str) -> str | None:
    """Return the field that an environ key stands for: `HTTP_USER_AGENT` -> `User-Agent`."""
    if key.startswith("HTTP_"):
        name = key[5:].replace("_", "-").title()
        # Some servers repeat the two CGI variables with a prefix.
        return None if name in ("Content-Type", "Content-Length") else name
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return key.replace("_", "-").title()
    return None
