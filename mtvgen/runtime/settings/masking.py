"""Secrets, by their names and by their values: for settings, logs, error pages and terminals.

One list of names for all of them. The values are those of the settings that were read: whoever
shows a text to people or writes it to a log takes them out of it, wherever they are.
"""

from __future__ import annotations

import json
import re
import weakref
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "********"
LEAST_LENGTH = 6  # characters; a shorter value is known by its name alone, or all text would be

# A name is a secret's wherever one of these is in it: `db_password`, `X-CSRF-Token`, `sessionid`.
_IN_ANY_PLACE = (
    "secret", "token", "passw", "passphrase", "credential", "private", "signature", "cookie",
    "session", "sessid", "csrf", "xsrf", "salt", "apikey", "accesskey", "authorization",
    "authorisation", "bearer", "jwt", "database_url", "mail_url",
)  # fmt: skip
# These are common parts of other words, so they count as whole words: `stripe_key`, `DB_PWD`.
_AS_A_WORD = frozenset(
    {
        "key", "keys", "pwd", "pw", "pass", "dsn", "pin", "otp", "totp", "auth", "sid", "cvv",
        "cvc", "ssn",
    }
)  # fmt: skip
# A name that ends so is about a secret, and not one itself: `session_days`, `password_min_length`.
_ABOUT_ONE = frozenset(
    {
        "age", "count", "days", "error", "exception", "expires", "expiry", "hours", "length",
        "lifetime", "limit", "minutes", "seconds", "size", "timeout",
    }
)  # fmt: skip
_NO_SECRETS = frozenset({"primary_key", "foreign_key", "foreign_keys", "public_key", "sort_key"})

_LONGEST_NAME = 200  # characters; nobody calls anything so

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # stripeKey
_SEPARATOR = re.compile(r"[^a-z0-9]+")

_settings: list[tuple[weakref.ref[object], tuple[str, ...]]] = []


def is_secret_name(name: str) -> bool:
    """Return whether a name promises something that must not be seen.

    Args:
        name: Of a setting, a variable, a header field, a parameter: `-`, `.` and a capital letter
            divide words as `_` does.
    """
    return len(name) <= _LONGEST_NAME and _is_secret(name)


@lru_cache(maxsize=1024)  # a text of a page has hundreds, the same ones again and again
def _is_secret(name: str) -> bool:
    words = _SEPARATOR.sub("_", _HUMP.sub("_", name).lower()).strip("_")
    parts = words.split("_")
    if words in _NO_SECRETS or parts[-1] in _ABOUT_ONE:
        return False
    joined = words.replace("_", "")
    return not _AS_A_WORD.isdisjoint(parts) or any(
        part in words or part in joined for part in _IN_ANY_PLACE
    )


def remember_secrets(settings: object, names: Iterable[str]) -> None:
    """Take the secret values of some settings out of texts for as long as the settings live.

    Args:
        settings: The object that has them.
        names: Which of its attributes are secret.
    """
    _settings[:] = [kept for kept in _settings if kept[0]() is not None]
    _settings.append((weakref.ref(settings), tuple(names)))


def known_secrets() -> frozenset[str]:
    """Return the secret values of all settings that were read, as they are at the moment."""
    global _known
    read = [(reference(), names) for reference, names in _settings]
    values = [getattr(one, name) for one, names in read if one is not None for name in names]
    if values != _known[0]:  # a log asks with each of its lines
        _known = (values, frozenset(text for value in values for text in secret_texts(value)))
    return _known[1]


_known: tuple[list[object], frozenset[str]] = ([], frozenset())


def secret_texts(value: object) -> Iterator[str]:
    """Return the texts in a secret value that are long enough to be distinguished from others.

    Of an address with a password, such as a database's, the password is one by itself.
    """
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from secret_texts(item)
    elif isinstance(value, str | bytes | int) and not isinstance(value, bool):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        password = _password_in(text) if "://" in text else ""
        # The address of a file without a password is not a secret, whatever the setting is called.
        texts = {password, unquote(password)} | (set() if _is_of_a_file(text) else {text})
        yield from (each for each in texts if len(each.strip()) >= LEAST_LENGTH)


def without_secrets(text: str, secrets: Iterable[str] | None = None) -> str:
    """Return a text without some secret values, however they are written in it.

    Args:
        text: For people or for a log.
        secrets: From `secret_texts()`; those of the settings by default.
    """
    for form in _forms(known_secrets() if secrets is None else frozenset(secrets)):
        text = text.replace(form, MASK)
    return text


def _is_of_a_file(address: str) -> bool:
    return address.startswith("sqlite") and ":///" in address


def _password_in(address: str) -> str:
    """Return the password of an address.

    One that is a word elsewhere in it says nothing by itself.
    """
    try:
        password = urlsplit(address).password or ""
    except ValueError:
        return ""
    return password if address.count(password) == 1 else ""


@lru_cache(maxsize=64)
def _forms(secrets: frozenset[str]) -> list[str]:
    """Secrets as they may be written, long ones first: in a repr(), in JSON, in an address."""
    forms: set[str] = set()
    for secret in secrets:
        forms |= {secret, secret.strip(), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
        # In the repr() of a text with both kinds of quotation marks.
        forms |= {secret.replace("\\", "\\\\").replace("'", "\\'")}
        forms |= {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    return sorted(forms, key=len, reverse=True)
