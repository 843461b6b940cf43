"""The HTTPError family, as a project extends it."""

from __future__ import annotations

import pytest

from mtvgen.runtime import HTTPError, NotFound


class Odd(HTTPError):
    """A status that no standard names, as some proxies have them."""

    status = 499


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotFound(), "Not Found"),
        (NotFound("No such note."), "No such note."),
        (Odd(), "Unknown"),
        (Odd("The client left."), "The client left."),
    ],
)
def test_an_error_says_its_detail_or_its_phrase(error, words):
    assert str(error) == words
