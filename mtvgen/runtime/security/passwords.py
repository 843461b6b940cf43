"""Passwords: scrypt (RFC 7914) of the standard library, its costs inside the hash.

A hash is written as password hashing libraries agreed to (PHC string format):

    $scrypt$ln=14,r=8,p=5$<salt>$<key>

so a later version can raise the costs, and hashes made before go on working.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mtvgen.runtime.security.foreign_hashes import is_foreign, verify_foreign


class _Costs(NamedTuple):
    """The cost of one guess.

    Attributes:
        ln: Logarithm of the number of blocks; memory is 128 * r * 2 ** ln bytes.
        r: Size of a block, in units of 128 bytes.
        p: How many times over.
    """

    ln: int
    r: int
    p: int

    @property
    def memory(self) -> int:
        return 128 * self.r << self.ln


# One of the equivalent settings of OWASP's Password Storage Cheat Sheet; of these, the one where
# ten people who log in at once take 160 MiB, not 1.3 GiB.
_COSTS = _Costs(ln=14, r=8, p=5)
_CHEAP = _Costs(ln=1, r=1, p=1)
_costs = _COSTS  # those of a new hash
_MAX_MEMORY = 256 * 1024 * 1024  # bytes; a hash that asks for more was not made here

# Characters. The longest passphrase that a person types has a hundred or two. Normalizing takes
# time that grows with the square of a run of combining marks (python/cpython issue 149079), and
# Python does nothing else meanwhile: 160 kB of them would stop a worker for eight seconds.
MAX_PASSWORD_LENGTH = 1024
_SALT_SIZE = 16  # bytes
_KEY_SIZE = 32  # bytes

_HASH = re.compile(
    r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,3})"
    r"\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})"
)


def hash_password(password: str) -> str:
    """Return a salted hash of a password: about 90 ASCII characters, never twice the same.

    It takes about a tenth of a second, and so does every guess of whoever steals the database.

    Args:
        password: Text of up to `MAX_PASSWORD_LENGTH` characters. Letters that Unicode can write
            in two ways count as one (NFKC), so that a phone and a laptop type the same password.

    Raises:
        ValueError: It is longer. Where people choose a password, ask for a shorter one before.
    """
    if len(password) > MAX_PASSWORD_LENGTH:
        raise ValueError(
            f"hash_password(): the password has {len(password):,} characters, and "
            f"{MAX_PASSWORD_LENGTH:,} is the most. -> check its length in the view, and ask for "
            "a shorter one: len(password) <= MAX_PASSWORD_LENGTH"
        )
    salt = secrets.token_bytes(_SALT_SIZE)
    key = _derive(password, salt, _costs, _KEY_SIZE)
    return _written(_costs, _encode(salt), _encode(key))


def verify_password(password: str, hashed: str | None) -> bool:
    """Return whether this is the password that was hashed, compared in constant time.

        user = request.db.scalar(select(User).where(User.name == name))
        if not verify_password(password, user.password if user else None):
            ...

    Args:
        password: What was typed in. One of more than `MAX_PASSWORD_LENGTH` characters fits no
            hash, and takes as long as any other.
        hashed: What `hash_password()` returned, or a hash of Werkzeug or Django. None for an
            unknown user: the answer is False and takes as long, so nobody learns from a clock
            which names exist.

    Raises:
        ValueError: `hashed` is not a hash of `hash_password()`.
    """
    is_too_long = len(password) > MAX_PASSWORD_LENGTH
    tried = "" if is_too_long else password
    same = None if hashed is None else verify_foreign(tried, hashed)
    if same is None:
        costs, salt, key = _parse(_nobody() if hashed is None else hashed)
        same = hmac.compare_digest(_derive(tried, salt, costs, len(key)), key)
    return same and hashed is not None and not is_too_long


def needs_rehash(hashed: str) -> bool:
    """Return whether the hash was made with other costs than a new one, or by another framework.

    Then hash at the next login.

    Raises:
        ValueError: `hashed` is not a hash of `hash_password()`.
    """
    return is_foreign(hashed) or _parse(hashed)[0] != _costs


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Have `hash_password()` cost next to nothing for a while: in a test, and nowhere else.

        with cheap_passwords(), database.temporarily(tmp_path / "test.sqlite3"):
            ...

    It holds for every thread of the process. What was hashed meanwhile goes on working, and
    `needs_rehash()` finds it out of date afterwards.
    """
    global _costs
    usual, _costs = _costs, _CHEAP
    try:
        yield
    finally:
        _costs = usual


def _nobody() -> str:
    """Return a hash where there is no user: the same work, and no password that fits."""
    return _written(_costs, "A" * 22, "A" * 43)


def _written(costs: _Costs, salt: str, key: str) -> str:
    return f"$scrypt$ln={costs.ln},r={costs.r},p={costs.p}${salt}${key}"


def _derive(password: str, salt: bytes, costs: _Costs, size: int) -> bytes:
    # "surrogatepass": JSON can carry half a surrogate pair, which is a wrong password, no error.
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    # OpenSSL stops at 32 MiB unless it is asked not to; it needs a little more than the blocks.
    limit = costs.memory + 128 * costs.r * costs.p + 1024 * 1024
    return hashlib.scrypt(
        text, salt=salt, n=2**costs.ln, r=costs.r, p=costs.p, dklen=size, maxmem=limit
    )


def _parse(hashed: str) -> tuple[_Costs, bytes, bytes]:
    match = _HASH.fullmatch(hashed)
    if match is None:
        raise ValueError("This is not a hash of hash_password().")
    ln, r, p = (int(number) for number in match.groups()[:3])
    costs = _Costs(ln, r, p)
    if not (ln and r and p and costs.memory <= _MAX_MEMORY):
        raise ValueError("The costs of this password hash are out of bounds.")
    return costs, _decode(match[4]), _decode(match[5])


def _encode(data: bytes) -> str:
    return b64encode(data).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4))
