"""Written into the project of a how-to page: every address and form of it, asked with bad intent.

The test that copies this file puts in the names of the fields, and of those that are files.
"""

from __future__ import annotations

import itertools
import re
from io import BytesIO

import pytest
from wsgi import application  # the project's

from mtvgen.runtime.testing import sent_mail

FIELDS: list[str] = []
FILE_FIELDS: list[str] = []

TEXTS = [
    "", " ", "x", "x" * 255, "x" * 200_000, "\U0001f375" * 1_000, "%", "_", "' OR 1=1 --",
    "<script>", "{{ 7 * 7 }}", "../../.env", "//evil.test", "0", "-1", "1e5", "NaN", "\x85\u2028",
    "zh",
    "2026-13-45", "," * 5_000, "a\r\nBcc: b@example.org", "\x1b]0;owned\x07",
]  # fmt: skip
# Each of these in one field, and what is taken everywhere in the others.
ALONE = [
    "", "x" * 3_000, "茶" * 1_400, "a@" + "x" * 4_000, "a@b" + "\u0301" * 300, "9" * 30,
    "\0", "a\0b", ",".join(map(str, range(3_000))), "\x1b]0;owned\x07",
]  # fmt: skip
JSON = [None, [], {}, {"text": None}, {"text": ["x"]}, {"text": "x" * 9_999}, {"a" * 9_999: 1}, 1e5]
FILES = [b"", b"\x89PNG\r\n\x1a\n" + bytes(100), b"GIF89a", b"<svg/>", bytes(100_000)]
NAMES = ["a.png", "../../a.png", "茶" * 200 + ".png", "con", ".env", "\x1b[2J.png", "x" * 300]


@pytest.fixture(autouse=True)
def no_mail_leaves():
    with sent_mail():
        yield


def addresses(pattern):
    """A route's address with several values for its parameters."""
    for value in ("1", "0", "999", "9223372036854775807", "x", "%25ff", "a%00b"):
        yield re.sub(r"<[^>]+>", value, pattern)
        if "<" not in pattern:
            return


CASES = [
    (method, address)
    for route in application.router.routes
    for method in route.methods
    for address in addresses(route.pattern)
    if method != "HEAD"
]


def answered(answer, said=""):
    assert answer.status_code < 500, said
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers) < 8_000, said


@pytest.mark.parametrize(("method", "address"), CASES)
def test_nothing_that_is_sent_is_an_error_of_ours(client, method, address):
    answered(client.open(address, method=method))
    answered(client.open(address, method=method, query_string={"page": "9" * 99, "next": "//e"}))
    if method == "GET":
        return
    for text in TEXTS:
        answered(client.open(address, method=method, data=dict.fromkeys(FIELDS, text)), text[:40])
        answered(client.get(address), text[:40])  # what was kept is shown again
    # The first text that is taken alone, then each field in its turn with what is not.
    for name, text in itertools.product(FIELDS, ALONE):
        good = dict.fromkeys(FIELDS, "a@example.org")
        answered(
            client.open(address, method=method, data={**good, name: text}), f"{name}={text[:40]}"
        )
    for value in JSON:
        answered(client.open(address, method=method, json=value), repr(value)[:40])
    for field, data, name in itertools.product(FILE_FIELDS, FILES, NAMES):
        files = {field: (BytesIO(data), name)}
        answered(client.open(address, method=method, data=files), f"{name} {data[:8]!r}")
    for method_of_all, other in CASES:
        if method_of_all == "GET":
            answered(client.get(other), other)
