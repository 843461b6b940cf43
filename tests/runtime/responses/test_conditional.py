"""conditional(): the same page is sent once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mtvgen.runtime import Application, Response, conditional, path
from tests.support.wsgi_calls import call

CHANGED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATE = "Fri, 02 Jan 2026 03:04:05 GMT"


def site(response=None, **validators):
    def view(request):
        return conditional(request, response or Response("page"), **validators)

    return Application([path("/", view)])


def test_a_page_has_a_tag_that_its_bytes_give():
    first, again = call(site()), call(site())
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["etag"] != call(site(Response("another"))).headers["etag"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_browser_has_is_not_sent_again(method):
    tag = call(site()).headers["etag"]
    got = call(site(), method, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (got.status, got.body, got.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    ("validators", "asked", "status"),
    [
        ({"last_modified": CHANGED}, {"If-Modified-Since": DATE}, 304),
        ({"last_modified": CHANGED}, {"If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"last_modified": CHANGED}, {"If-Modified-Since": "yesterday"}, 200),
        # If-None-Match is looked at first, and then the date counts for nothing.
        ({"last_modified": CHANGED}, {"If-Modified-Since": DATE, "If-None-Match": '"x"'}, 200),
        ({"etag": "v7"}, {"If-None-Match": '"v7"'}, 304),
        ({"etag": "v7"}, {"If-None-Match": "*"}, 304),
        ({"etag": "v7"}, {"If-Match": '"v6"'}, 412),
        ({"etag": "v7"}, {"If-Match": '"v7"'}, 200),
    ],
)
def test_conditions_are_kept_in_the_order_of_the_standard(validators, asked, status):
    assert call(site(**validators), headers=asked).status == status


def test_the_validators_are_sent():
    got = call(site(etag="v7", last_modified=CHANGED))
    assert (got.headers["etag"], got.headers["last-modified"]) == ('"v7"', DATE)


def test_only_a_200_is_conditional():
    got = call(site(Response("gone", 410)), headers={"If-None-Match": "*"})
    assert (got.status, got.text, "etag" in got.headers) == (410, "gone", False)


def test_a_stream_has_no_tag_of_its_own():
    assert "etag" not in call(site(Response(iter([b"page"])))).headers


@pytest.mark.parametrize(
    ("validators", "message"),
    [
        ({"etag": 'a"b'}, "is not an entity-tag"),
        ({"last_modified": CHANGED.replace(tzinfo=None)}, "has no time zone"),
    ],
)
def test_what_can_be_no_validator_is_an_error(validators, message):
    got = call(site(**validators))
    assert got.status == 500
    with pytest.raises(ValueError, match=message):
        raise got.exc_info[1]
