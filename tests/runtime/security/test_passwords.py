"""hash_password(), verify_password(), needs_rehash()."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import pytest

from mtvgen.runtime import MAX_PASSWORD_LENGTH, hash_password, needs_rehash, verify_password
from mtvgen.runtime.security import passwords
from mtvgen.runtime.testing import cheap_passwords


@pytest.fixture(scope="module")
def hashed():
    return hash_password("correct horse battery staple")


def cheap_hash(password, *, ln=4, r=8, p=1):
    """A hash as an older version could have made it."""
    salt = b"0123456789abcdef"
    key = hashlib.scrypt(password.encode(), salt=salt, n=2**ln, r=r, p=p, dklen=32)
    salt64, key64 = (b64encode(part).decode().rstrip("=") for part in (salt, key))
    return f"$scrypt$ln={ln},r={r},p={p}${salt64}${key64}"


def test_the_password_fits_its_hash_and_no_other_does(hashed):
    assert verify_password("correct horse battery staple", hashed)
    assert not verify_password("correct horse battery stapler", hashed)
    assert not verify_password("", hashed)


def test_a_hash_names_its_costs_and_never_the_password(hashed):
    assert re.fullmatch(r"\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}", hashed)


def test_two_hashes_of_one_password_differ(hashed):
    assert hash_password("correct horse battery staple") != hashed


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Zoe\u0308", "Zo\u00eb"),  # decomposed, composed
        ("\uff50\uff41\uff53\uff53", "pass"),  # full width
        ("\ufb01sh", "fish"),  # ligature
    ],
)
def test_letters_that_unicode_writes_in_two_ways_are_one_password(typed, stored):
    assert verify_password(typed, cheap_hash(stored))


@pytest.mark.parametrize(
    "password", ["", "\0", "x" * 100_000, "\ud800", "пароль 密码 🔑", "a\r\nb"]
)
def test_any_text_can_be_tried(password):
    assert not verify_password(password, cheap_hash("another"))


def test_a_password_of_the_longest_length_fits_its_hash_and_a_longer_one_is_refused():
    longest = "\u0323" * MAX_PASSWORD_LENGTH
    assert verify_password(longest, hash_password(longest))
    with pytest.raises(ValueError, match=r"has 1,025 characters, and 1,024 is the most. -> check"):
        hash_password(longest + "x")


def test_a_password_that_is_too_long_fits_no_hash_and_takes_the_same_work(monkeypatch):
    work = []
    scrypt = hashlib.scrypt

    def counted(password, **costs):
        work.append(costs)
        return scrypt(password, **costs)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    # Not the hash of the empty text either, which stands in for it.
    for hashed in (cheap_hash(""), cheap_hash("x"), None):
        work.clear()
        assert not verify_password("x" * (MAX_PASSWORD_LENGTH + 1), hashed)
        assert not verify_password("another", hashed)
        assert work[0] == work[1]


def test_nobodys_password_never_fits_and_takes_the_same_work():
    assert not verify_password("", None)
    assert passwords._parse(passwords._nobody())[0] == passwords._COSTS


def test_hashes_with_other_costs_go_on_working_and_ask_to_be_renewed(hashed):
    old = cheap_hash("secret", ln=10, r=4, p=2)
    assert verify_password("secret", old)
    assert needs_rehash(old)
    assert not needs_rehash(hashed)


@pytest.mark.parametrize(
    "text",
    ["", "secret", "$scrypt$", "$2b$12$abcdefghijklmnopqrstuv", "pbkdf2_sha256$1$salt$hash",
     "$scrypt$ln=14,r=8,p=5$AAAA$AAAA", "$scrypt$ln=-1,r=8,p=1$" + "A" * 22 + "$" + "A" * 43,
     "$scrypt$ln=14,r=8,p=5$" + "A" * 22 + "$" + "A" * 43 + "\n"],
)  # fmt: skip
def test_what_is_no_hash_is_an_error_and_not_a_wrong_password(text):
    with pytest.raises(ValueError, match="not a hash of hash_password"):
        verify_password("secret", text)


@pytest.mark.parametrize("costs", ["ln=30,r=8,p=1", "ln=14,r=999,p=1", "ln=0,r=8,p=1"])
def test_costs_out_of_bounds_are_refused_before_they_are_paid(costs):
    with pytest.raises(ValueError, match="out of bounds"):
        verify_password("secret", f"$scrypt${costs}${'A' * 22}${'A' * 43}")


def test_the_vector_of_rfc_7914_verifies():
    # Section 12, the second vector: N=1024, r=8, p=16, "password", "NaCl", 64 bytes.
    key = bytes.fromhex(
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
    )
    assert passwords._derive("password", b"NaCl", passwords._Costs(10, 8, 16), 64) == key


def test_in_a_test_a_hash_may_cost_next_to_nothing(hashed):
    with cheap_passwords():
        cheap = hash_password("secret")
        assert cheap.startswith("$scrypt$ln=1,r=1,p=1$")
        assert verify_password("secret", cheap)
        assert not verify_password("guess", cheap)
        assert not verify_password("guess", None)
        assert verify_password("correct horse battery staple", hashed)
        assert not needs_rehash(cheap)
    assert hash_password("secret").startswith("$scrypt$ln=14,r=8,p=5$")
    assert verify_password("secret", cheap)
    assert needs_rehash(cheap)


def test_the_usual_costs_come_back_after_an_error():
    with pytest.raises(ZeroDivisionError), cheap_passwords():
        _ = 1 / 0
    assert hash_password("secret").startswith("$scrypt$ln=14,r=8,p=5$")


def test_nobody_is_as_cheap_as_somebody():
    with cheap_passwords():
        assert passwords._parse(passwords._nobody())[0] == passwords._parse(hash_password("x"))[0]
