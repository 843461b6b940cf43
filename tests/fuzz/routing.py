"""Routes: an address that is made leads back, and any path leads somewhere or nowhere."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from mtvgen.runtime import Application, path
from mtvgen.runtime.routing import Router
from mtvgen.runtime.routing.errors import RoutingError, URLBuildError
from tests.support.wsgi_calls import call, environ_for


def view(request, **params):
    return params


PIECES = [
    "<a>", "<int:b>", "<slug:c>", "<uuid:d>", "<path:e>", "/", "-", ".", "x", "notes", "~", "%",
    "é", " ", "0",
]  # fmt: skip
patterns = st.lists(st.sampled_from(PIECES), max_size=7).map(lambda parts: "/" + "".join(parts))
texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    [
        "a",
        "a-b",
        "..",
        ".",
        "a/b",
        "%2f",
        "x.html",
        "a\tb",
        "\0",
        "a\x7fb",
        "é",
        "//evil.test",
        "?#",
    ]
)
values = {
    "a": texts,
    "b": st.integers(-1, 2**64) | st.sampled_from([0, 7, 2**63 - 1]),
    "c": texts | st.from_regex(r"[-a-zA-Z0-9_]+", fullmatch=True),
    "d": st.uuids() | st.just(UUID(int=0)),
    "e": texts,
}


@given(st.lists(patterns, min_size=1, max_size=4), st.fixed_dictionaries(values))
def fuzz_url_for_every_address_leads_back_to_its_route_and_values(wanted, params):
    routes = [path(text, view, name=f"r{number}") for number, text in enumerate(wanted)]
    try:
        application = Application(routes)
    except (RoutingError, ValueError):
        assume(False)
        return
    for number, text in enumerate(wanted):
        needed = {name: params[name] for name in values if f"{name}>" in text}
        try:
            address = application.url_for(f"r{number}", **needed)
        except URLBuildError:
            continue
        assert address.isascii()
        assert address.startswith("/")
        assert not address.startswith("//")
        # As a browser asks for it, over a server that decodes it once.
        answer = call(application, "GET", address)
        assert answer.status != 400, address
        found = application.router.match("GET", unquote_to_bytes(address).decode())
        assert found is not None, address
        route, read = found
        # Another route may be the more specific one for this address; then its values fit, too.
        if route.name == f"r{number}":
            assert {name: str(value) for name, value in read.items()} == {
                name: str(value) for name, value in needed.items()
            }


@given(
    st.lists(patterns, min_size=1, max_size=5),
    st.lists(st.sampled_from([*PIECES[5:], "a", "7", "-1", "\n"]), max_size=10).map("".join),
)
def fuzz_router_finds_a_route_exactly_where_one_of_its_patterns_matches(wanted, asked):
    try:
        router = Router([path(text, view, name=f"r{n}") for n, text in enumerate(wanted)])
    except (RoutingError, ValueError):
        assume(False)
        return
    target = f"/{asked}"
    matching = [route for route in router.routes if route.parsed.match(target) is not None]
    found = router.match("GET", target)
    assert (found is not None) is bool(matching)
    if found is not None:
        route, params = found
        assert route in matching
        assert params == route.parsed.match(target)
    assert router.allowed(target) >= ({"GET", "HEAD"} if matching else set())


SITE = Application(
    [path("/", view, name="home"), path("/n/<int:b>/", view, name="n"), path("/p/<path:e>", view)]
)


@given(st.binary(max_size=60))
def fuzz_router_no_path_whatever_is_an_error_or_leads_to_another_host(data):
    environ = environ_for(PATH_INFO=("/" + data.decode("latin-1")))
    seen = []
    b"".join(SITE(environ, lambda status, fields, exc_info=None: seen.append((status, fields))))
    status, fields = seen[-1]
    assert status[:3] in ("200", "308", "400", "404")
    location = dict(fields).get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
