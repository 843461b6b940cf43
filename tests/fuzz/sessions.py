"""Sessions: what was put in comes back, and what was not signed here counts for nothing."""

from __future__ import annotations

import json

from hypothesis import assume, given
from hypothesis import strategies as st

from mtvgen.runtime import Application, path, signed_sessions
from tests.fuzz.parsers import grown_from
from tests.support.wsgi_calls import environ_for

KEY = "a key that signs the sessions of this test"
kept: dict[str, object] = {}


def read(request):
    return {"session": dict(request.session)}


def write(request):
    request.session.update(kept)
    return "written"


SITE = Application(
    [path("/", read, name="read"), path("/write", write, name="write", methods=["POST"])],
    # The same moment always, or what breaks a statement could not be seen again.
    middleware=[signed_sessions(KEY, clock=lambda: 1_800_000_000)],
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def answer(method, url, cookie="", scheme="http"):
    """The status, the cookies that are set, and the body."""
    environ = environ_for(method, url, HTTP_COOKIE=cookie, **{"wsgi.url_scheme": scheme})
    seen = []
    body = b"".join(SITE(environ, lambda status, fields, exc_info=None: seen.append(fields)))
    return [value for name, value in seen[-1] if name == "Set-Cookie"], body


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), json_values, min_size=1, max_size=5),
    st.sampled_from(["http", "https"]),
)
def fuzz_sessions_what_was_kept_comes_back(session, scheme):
    kept.clear()
    kept.update(session)
    cookies, body = answer("POST", "/write", scheme=scheme)
    assume(body == b"written")  # what is too large, or no text, is an error that says so
    (cookie,) = [field.partition(";")[0] for field in cookies]
    assert read_with(cookie, scheme) == session


def read_with(cookie, scheme="http"):
    _, body = answer("GET", "/", cookie, scheme)
    return json.loads(body)["session"]


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.characters(max_codepoint=0x7E)), min_size=1, max_size=3
    )
)
def fuzz_sessions_no_other_cookie_than_the_signed_one_counts(changes):
    kept.clear()
    kept.update({"user": 1})
    name, _, value = answer("POST", "/write")[0][0].partition(";")[0].partition("=")
    changed = list(value)
    for place, character in changes:
        changed[place % len(changed)] = character
    text = "".join(changed)
    assume(text != value)
    # What ends the cookie, or is taken off at its ends, leaves the rest of it.
    assume(not set(text) & set('; \t"'))
    # The signature alone may be written in several ways: base64 has bits to spare at its end.
    same = text.rpartition(".")[0] == value.rpartition(".")[0]
    assert read_with(f"{name}={text}") in ({}, {"user": 1} if same else {})


COOKIES = [
    "session",
    "__Host-session",
    "=",
    ";",
    " ",
    ".",
    '"',
    "eyJhIjoxfQ",
    "1900000000",
    "A" * 43,
]


@given(grown_from(COOKIES, most=20), st.sampled_from(["http", "https"]))
def fuzz_sessions_any_cookie_field_is_an_empty_session(header, scheme):
    assert read_with(header, scheme) == {}
