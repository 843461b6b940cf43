"""normalize_email(): one spelling for each address, and no other mailbox."""

from __future__ import annotations

import sys

import pytest

from mtvgen.runtime.accounts import InvalidEmail, email_address, normalize_email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("\uff21da@example.com", "ada@example.com"),  # full width
        ("\u212aate@example.com", "kate@example.com"),  # the Kelvin sign
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada+notes@mail.example.com", "ada+notes@mail.example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("\u7528\u6237@example.com", "\u7528\u6237@example.com"),
    ],
)
def test_an_address_has_one_spelling(typed, stored):
    assert normalize_email(typed) == stored
    assert email_address(typed) is None


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("mike@example.com", "m\u0131ke@example.com"),  # dotless i
        ("ada@example.com", "\u0430da@example.com"),  # Cyrillic
        ("strasse@example.com", "stra\u00dfe@example.com"),
        ("ada@example.com", "ada@ex\u0430mple.com"),
    ],
)
def test_letters_that_look_alike_are_other_mailboxes(one, another):
    assert normalize_email(one) != normalize_email(another)


@pytest.mark.parametrize(
    "text",
    ["", "ada", "@example.com", "ada@", "ada@localhost", "a b@example.com", "a@b@example.com",
     "ada@example.com\r\nBcc: x@example.com", "ada\0@example.com", "ada@-x.com", "ada@1.2.3.4",
     "ada@[127.0.0.1]", '"a b"@example.com', ".a@example.com", "a..b@example.com",
     "ada@fa\u00df.de", "a\u200bda@example.com", "x" * 65 + "@example.com",
     "a@" + "x." * 200 + "com", "\u0323" * 1_000_000 + "@example.com", "\ufdfa" * 200],
)  # fmt: skip
def test_what_is_not_an_address_is_a_sentence(text):
    with pytest.raises(InvalidEmail, match="Write an email address"):
        normalize_email(text)
    assert email_address(text)


def test_to_normalize_an_address_again_changes_nothing():
    for code in range(0x80, sys.maxunicode, 7):
        try:
            stored = normalize_email(f"a{chr(code)}b@example.com")
        except (InvalidEmail, UnicodeEncodeError):
            continue
        assert normalize_email(stored) == stored
