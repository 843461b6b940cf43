"""Values for the error page: short, and without what is secret."""

from __future__ import annotations

import os
import re
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "********"
_MAX_TEXT = 400  # characters of one value; the page is for reading
_MIN_SECRET = 6  # characters; a shorter value is masked by its name alone, or all text would be

_SECRET_NAME = re.compile(
    r"secret|token|passw|passphrase|api_?key|private|signature|credential|authori[sz]ation"
    r"|cookie|session|csrf|dsn|database_url|access_?key|salt|\bpin\b",
    re.IGNORECASE,
)
_PASSWORD_IN_URL = re.compile(r"(?<=:)[^:/@\s]+(?=@)")


class Masker:
    """Shows values, and masks every secret that it knows the name or the text of.

    Args:
        environ: The request's; cookies and credentials in it are secret.
    """

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._repr = reprlib.Repr()
        self._repr.maxstring = self._repr.maxother = _MAX_TEXT // 2
        self._repr.maxdict = self._repr.maxlist = self._repr.maxtuple = self._repr.maxset = 12
        self._secrets = sorted(_secret_texts(environ), key=len, reverse=True)

    def shown(self, name: str, value: object) -> str:
        """A value as Python writes it, for a name that says whether it may be seen."""
        if is_secret(name):
            return MASK
        try:
            text = self._repr.repr(_without_secrets(value))
        except Exception as error:  # a repr() of the user's, about an object that is half made
            text = f"<{type(value).__name__}; its repr() raises {type(error).__name__}>"
        return self.scrubbed(text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "...")

    def scrubbed(self, text: str) -> str:
        """A text without the secrets that are known by their value."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return _PASSWORD_IN_URL.sub(MASK, text) if "://" in text else text


def is_secret(name: str) -> bool:
    """Whether a name promises something that must not be seen."""
    return _SECRET_NAME.search(name) is not None


def _without_secrets(value: object, depth: int = 3) -> object:
    if isinstance(value, Mapping) and type(value) is dict and depth:
        return {
            key: MASK if is_secret(str(key)) else _without_secrets(each, depth - 1)
            for key, each in value.items()
        }
    if type(value) in (list, tuple) and depth:
        return type(value)(_without_secrets(each, depth - 1) for each in value)  # type: ignore[call-arg, attr-defined]
    return value


def _secret_texts(environ: Mapping[str, Any]) -> Iterable[str]:
    named = [value for name, value in os.environ.items() if is_secret(name)]
    cookies = [part.partition("=")[2].strip() for part in environ.get("HTTP_COOKIE", "").split(";")]
    credentials = environ.get("HTTP_AUTHORIZATION", "").split(" ")[-1:]
    return {text for text in (*named, *cookies, *credentials) if len(text) >= _MIN_SECRET}
