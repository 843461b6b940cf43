"""Hashes of passwords that Werkzeug (Flask) and Django made, for accounts that are taken over.

    scrypt:32768:8:1$<salt>$<hex>          pbkdf2:sha256:600000$<salt>$<hex>         Werkzeug
    scrypt$16384$<salt>$8$5$<base64>       pbkdf2_sha256$1000000$<salt>$<base64>     Django

Both use the salt's text as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode

_MAX_MEMORY = 256 * 1024 * 1024  # bytes
_MAX_ITERATIONS = 10_000_000

_NUMBER, _SALT = r"([0-9]{1,8})", r"([^$:]{1,128})"
_HEX, _BASE64 = r"([0-9a-f]{32,256})", r"([A-Za-z0-9+/]{22,172}={0,2})"
_WERKZEUG_SCRYPT = re.compile(rf"scrypt:{_NUMBER}:{_NUMBER}:{_NUMBER}\${_SALT}\${_HEX}")
_WERKZEUG_PBKDF2 = re.compile(rf"pbkdf2:(sha256|sha512):{_NUMBER}\${_SALT}\${_HEX}")
_DJANGO_SCRYPT = re.compile(rf"scrypt\${_NUMBER}\${_SALT}\${_NUMBER}\${_NUMBER}\${_BASE64}")
_DJANGO_PBKDF2 = re.compile(rf"pbkdf2_sha256\${_NUMBER}\${_SALT}\${_BASE64}")


def verify_foreign(password: str, hashed: str) -> bool | None:
    """Return whether this is the password; None if the hash is of neither framework.

    Raises:
        ValueError: The costs of the hash are out of bounds.
    """
    if match := _WERKZEUG_SCRYPT.fullmatch(hashed):
        n, r, p = map(int, match.groups()[:3])
        return _is_scrypt(password, match[4], (n, r, p), bytes.fromhex(match[5]))
    if match := _WERKZEUG_PBKDF2.fullmatch(hashed):
        return _is_pbkdf2(password, match[3], (match[1], int(match[2])), bytes.fromhex(match[4]))
    if match := _DJANGO_SCRYPT.fullmatch(hashed):
        costs = (int(match[1]), int(match[3]), int(match[4]))
        return _is_scrypt(password, match[2], costs, b64decode(match[5]))
    if match := _DJANGO_PBKDF2.fullmatch(hashed):
        return _is_pbkdf2(password, match[2], ("sha256", int(match[1])), b64decode(match[3]))
    return None


def is_foreign(hashed: str) -> bool:
    """Return whether a hash is of Werkzeug or Django."""
    kinds = (_WERKZEUG_SCRYPT, _WERKZEUG_PBKDF2, _DJANGO_SCRYPT, _DJANGO_PBKDF2)
    return any(kind.fullmatch(hashed) for kind in kinds)


def _is_scrypt(password: str, salt: str, costs: tuple[int, int, int], key: bytes) -> bool:
    n, r, p = costs
    memory = 128 * n * r
    if n < 2 or n & (n - 1) or not (r and p) or memory > _MAX_MEMORY or p > 64:
        raise ValueError("The costs of this password hash are out of bounds.")
    derived = hashlib.scrypt(
        _bytes(password),
        salt=salt.encode(),
        n=n,
        r=r,
        p=p,
        maxmem=memory + 128 * r * p + 1024 * 1024,
        dklen=len(key),
    )
    return hmac.compare_digest(derived, key)


def _is_pbkdf2(password: str, salt: str, costs: tuple[str, int], key: bytes) -> bool:
    algorithm, iterations = costs
    if not 1 <= iterations <= _MAX_ITERATIONS:
        raise ValueError("The costs of this password hash are out of bounds.")
    derived = hashlib.pbkdf2_hmac(
        algorithm, _bytes(password), salt.encode(), iterations, dklen=len(key)
    )
    return hmac.compare_digest(derived, key)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
