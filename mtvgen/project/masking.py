"""Values and texts for people who develop: short, and without what is secret.

A secret is known by its name (`password='...'`, `?token=...`), by its value (those of the settings,
of the environment, of the request's cookies and credentials), or by its look (a password in an
address, a private key, a hashed password). It is taken out before a text is cut, because a half of
it would not be found.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from mtvgen.runtime.settings.masking import (
    MASK,
    is_secret_name,
    known_secrets,
    secret_texts,
    without_secrets,
)

_MAX_TEXT = 400  # characters of one value; the page is for reading
_MAX_SCANNED = 64 * 1024  # characters of each end of a text that are looked at; far more than shown
_MAX_ITEMS = 12  # of a collection
_MAX_COOKIES = 200  # whose values are looked for; browsers send no more than 180 to a site
_KEY_OF_MAPPING = 16  # characters; what is called `key` and is shorter is a mapping's, not a secret

# Of desktops, and as public as a screen; and the directories that a shell is and was in.
_PUBLIC_VARIABLES = re.compile(
    r"(?:XDG|DESKTOP|DBUS|GNOME|KDE|SESSION_MANAGER)(?:_|$)|(?:OLD)?PWD$"
)

_PASSWORD_IN_ADDRESS = re.compile(
    # A port is not a password: "http://localhost:8000/@me".
    r"(://[^\s:/@'\"<>]{0,256}+:)(?!\d{1,5}+(?:[/?#\s'\"]|$))[^\s'\"<>]{0,256}(?=@)"
)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic|Token) (?=[A-Za-z._~+/=-]*+[0-9])[\w.~+/=-]{6,}+")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END[A-Z -]*-----|\Z)", re.S
)
# The PHC string format, and crypt(3)'s of bcrypt.
_PASSWORD_HASH = re.compile(r"\$(?:scrypt|argon2[a-z]*|pbkdf2[a-z0-9-]*|2[aby])\$[\w./+=,$-]+")

# A name and what divides it from its value: `name=`, `name: str = `, `'name': `, `('name', `.
_NAME = re.compile(
    r"(?P<pair>\(\\*+['\"])?(?<![\w.%-])(?P<name>[A-Za-z_%][\w.%-]*+)"
    r"(?:\\*+['\"](?:(?P<colon>:[ ]?)|(?P<comma>(?(pair), |(?!))))"
    r"|(?:\\*+['\"])?\]?+(?::[ ]?[\w.\[\]|, ]{1,60}?(?=[ ]?=))?(?P<equals>[ ]?=[ ]?)(?!=))"
)
_QUOTED = re.compile(r"(?:[bBrRuU]{0,2})(?P<open>\\*['\"])")
_BARE = re.compile(r"[^\s'\",;&(){}\[\]<>|]++")
_EMPTY = frozenset({"None", "True", "False", "null", "true", "false", "...", MASK})


class Masker:
    """Shows values and texts without the secrets in them.

    Args:
        environ: The request's; cookies and credentials in it are secret.
    """

    def __init__(self, environ: Mapping[str, Any] | None = None) -> None:
        secrets = {*known_secrets(), *_secrets_of_process()}
        self._secrets = frozenset(secrets.union(_secrets_of_request(environ or {})))
        self._repr = _Repr(self)

    def describe(self, name: str, value: object) -> str:
        """Return a value as Python writes it, for a name that says whether it may be seen."""
        if _is_hidden(name, value):
            return MASK
        try:
            text = self._repr.repr(value)
        except Exception as error:  # a repr() of the user's, about an object that is half made
            text = f"<{type(value).__name__}; its repr() raises {type(error).__name__}>"
        text = self.scrubbed(text)
        return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "..."

    def scrubbed(self, text: str) -> str:
        """Return a text without secrets."""
        return self._scrubbed(text, is_source=False)

    def scrubbed_source(self, line: str) -> str:
        """Return a line of source without secrets.

        Literal texts are hidden, and names never.
        """
        return self._scrubbed(line, is_source=True)

    def scrubbed_traceback(self, text: str) -> str:
        """Return what Python prints of an exception, without secrets."""
        return "".join(
            self._scrubbed(line, is_source=line.startswith("    "))
            for line in text.splitlines(keepends=True)
        )

    def field(self, name: str, value: str) -> str:
        """Return a header field's value."""
        if name.lower() == "cookie":  # the names help, and say nothing
            names = (part.partition("=")[0].strip() for part in value.split(";"))
            return "; ".join(f"{name}={MASK}" for name in names)
        return MASK if is_secret_name(name) else self.scrubbed(value)

    def _scrubbed(self, text: str, *, is_source: bool) -> str:
        text = without_secrets(text, self._secrets)
        text = _without_named(text, is_source=is_source)
        if "://" in text:
            text = _PASSWORD_IN_ADDRESS.sub(rf"\1{MASK}", text)
        text = _CREDENTIALS.sub(rf"\1 {MASK}", text)
        if "$" in text:
            text = _PASSWORD_HASH.sub(MASK, text)
        return _PRIVATE_KEY.sub(MASK, text) if "PRIVATE KEY" in text else text


class _Repr(reprlib.Repr):
    """`reprlib`, which cuts what is long, but takes secrets out before it cuts."""

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker
        self.maxstring = self.maxother = _MAX_TEXT // 2
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = _MAX_ITEMS

    def repr_str(self, value: str, level: int) -> str:
        return super().repr_str(self._masker.scrubbed(_ends_of(value)), level)

    def repr_dict(self, value: dict[Any, Any], level: int) -> str:
        hidden = {key: _Mask() for key, item in value.items() if _is_hidden(str(key), item)}
        return super().repr_dict({**value, **hidden} if hidden else value, level)

    def repr_instance(self, value: object, level: int) -> str:
        text = self._masker.scrubbed(_ends_of(repr(value)))
        if len(text) <= self.maxother:
            return text
        half = (self.maxother - 3) // 2
        return f"{text[:half]}...{text[-half:]}"


class _Mask:
    """Stands for a value that is not shown."""

    def __repr__(self) -> str:
        return repr(MASK)


def _is_hidden(name: str, value: object) -> bool:
    # That there is no password, or that there has to be one, reveals nothing about it.
    if value is None or isinstance(value, bool) or not is_secret_name(name):
        return False
    if name in ("key", "keys"):
        return isinstance(value, str | bytes) and len(value) >= _KEY_OF_MAPPING
    return True


def _ends_of(text: str) -> str:
    """Return a text that can be looked through at once; its middle is never shown."""
    if len(text) <= 2 * _MAX_SCANNED:
        return text
    return f"{text[:_MAX_SCANNED]}...{text[-_MAX_SCANNED:]}"


def _without_named(text: str, *, is_source: bool) -> str:
    """Return a text in which no secret's name is followed by its value."""
    parts: list[str] = []
    done = place = 0
    while found := _NAME.search(text, place):
        place = found.end("name")
        name = unquote_plus(found["name"])
        if not is_secret_name(name):
            continue
        begin, end = _value_at(text, found, is_source=is_source)
        if begin < end and _is_hidden(name, text[begin:end]) and not _is_command(text[begin:end]):
            parts += [text[done:begin], MASK]
            done = place = end
    return "".join([*parts, text[done:]])


def _is_command(value: str) -> bool:
    """Return whether a value is for a shell to run, as in messages: `SECRET_KEY="$(...)"`."""
    return value.startswith("$(python -c ") and value.endswith(")")


def _value_at(text: str, name: re.Match[str], *, is_source: bool) -> tuple[int, int]:
    """Return where the value of a name begins and ends, without its quotation marks."""
    begin = name.end()
    if is_source and name["comma"]:
        return begin, begin
    quoted = _QUOTED.match(text, begin)
    if quoted:
        return quoted.end(), _end_of_quoted(text, quoted.end(), quoted["open"])
    # `token = find()` is code; `token=abc` and `'pin': 12` are data.
    if is_source or " " in (name["equals"] or ""):
        return begin, begin
    bare = _BARE.match(text, begin)
    return (begin, begin) if bare is None or bare[0] in _EMPTY else bare.span()


def _end_of_quoted(text: str, begin: int, mark: str) -> int:
    """Return where a quoted text ends; one whose end was cut off ends with the whole."""
    end = text.find(mark, begin)
    while len(mark) == 1 and end > 0 and _is_escaped(text, end, begin):
        end = text.find(mark, end + 1)
    return len(text) if end < 0 else end


def _is_escaped(text: str, place: int, begin: int) -> bool:
    backslashes = 0
    while place - backslashes > begin and text[place - backslashes - 1] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


def _secrets_of_process() -> Iterator[str]:
    for name, value in os.environ.items():
        if is_secret_name(name) and not _PUBLIC_VARIABLES.match(name):
            yield from secret_texts(value)


def _secrets_of_request(environ: Mapping[str, Any]) -> Iterator[str]:
    """Yield what came with the request and proves who sends it."""
    for part in str(environ.get("HTTP_COOKIE", "")).split(";", _MAX_COOKIES)[:_MAX_COOKIES]:
        value = part.partition("=")[2].strip(' "')
        yield from secret_texts([value, unquote_plus(value)])
    for pair in str(environ.get("QUERY_STRING", "")).split("&"):
        name, _, value = pair.partition("=")
        if is_secret_name(unquote_plus(name)):
            yield from secret_texts([value, unquote_plus(value)])
    for key, value in environ.items():
        if key.startswith("HTTP_") and key != "HTTP_COOKIE" and is_secret_name(key[5:]):
            yield from secret_texts(_credentials_in(str(value)))


def _credentials_in(field: str) -> Iterable[str]:
    """Return a field's value, and the parts that may be elsewhere (RFC 9110, section 11.4)."""
    scheme, _, rest = field.partition(" ")
    if not rest:
        return [field]
    if scheme.lower() != "basic":
        return [field, rest.strip()]
    try:
        pair = base64.b64decode(rest, validate=True).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return [field, rest]
    return [field, rest, pair, pair.partition(":")[2]]
