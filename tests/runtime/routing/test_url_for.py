"""From a route's name and values to its address, and back."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit
from uuid import UUID

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st
from jinja2 import StrictUndefined, UndefinedError

from mtvgen.runtime import Application
from mtvgen.runtime.routing.errors import RoutingError, URLBuildError
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import default_name, path
from tests.support.wsgi_calls import call


def view(request, **parameters):
    return "x"


def other(request):
    return "y"


def url(pattern: str, **params: object) -> str:
    return Router([path(pattern, view, name="it")]).url_for("it", params)


@pytest.mark.parametrize(
    ("pattern", "params", "address"),
    [
        ("/", {}, "/"),
        (
            "/articles/<int:year>/<int:month>/<int:day>/",
            {"year": 2015, "month": 4, "day": 12},
            "/articles/2015/4/12/",
        ),
        ("/s/<str:s>", {"s": "a b"}, "/s/a%20b"),
        ("/bar/<int:b>", {"b": 50}, "/bar/50"),
        (
            "/uuid/<uuid:u>",
            {"u": UUID("39da9369-838e-4750-91a5-f7805cd82839")},
            "/uuid/39da9369-838e-4750-91a5-f7805cd82839",
        ),
        ("/a-<int:x>.html", {"x": 7}, "/a-7.html"),
        ("/<slug:title>-<int:id>", {"title": "a-b", "id": 7}, "/a-b-7"),
        ("/files/<path:name>", {"name": "a/b c"}, "/files/a/b%20c"),
        ("/files/<path:name>", {"name": "a//b/"}, "/files/a//b/"),
        # Text of the pattern is encoded as values are.
        ("/首页", {}, "/%E9%A6%96%E9%A1%B5"),
        ("/笔记/<编号>", {"编号": "七"}, "/%E7%AC%94%E8%AE%B0/%E4%B8%83"),
        ("/a b/100%/<x>", {"x": "%41"}, "/a%20b/100%25/%2541"),
        # RFC 3986, section 3.3: all of pchar, and nothing else, stands for itself.
        ("/<x>", {"x": "aZ09-._~!$&'()*+,;=:@"}, "/aZ09-._~!$&'()*+,;=:@"),
        ("/<x>", {"x": '"#%<>?[\\]^`{|}'}, "/%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D"),
        ("/<x>", {"x": "\x80\u2028🐍"}, "/%C2%80%E2%80%A8%F0%9F%90%8D"),
        ("/.well-known/<x>", {"x": ".a"}, "/.well-known/.a"),
        ("/<x>", {"x": "..."}, "/..."),
    ],
)
def test_values_become_an_address(pattern, params, address):
    assert url(pattern, **params) == address
    assert Router([path(pattern, view)]).match("GET", unquote(address))[1] == params


@pytest.mark.parametrize(
    ("params", "address"),
    [
        ({"q": "a b&c=d+e;f#g"}, "/find?q=a%20b%26c%3Dd%2Be%3Bf%23g"),
        ({"next": "/notes/7?x"}, "/find?next=/notes/7?x"),
        ({"q": "首页", "page": 2}, "/find?q=%E9%A6%96%E9%A1%B5&page=2"),
        ({"ключ": "x"}, "/find?%D0%BA%D0%BB%D1%8E%D1%87=x"),
        ({"tag": ["a", "b"]}, "/find?tag=a&tag=b"),
        ({"tag": ("a", None, 2)}, "/find?tag=a&tag=2"),
        ({"tag": []}, "/find"),
        ({"page": None}, "/find"),
        ({"page": None, "q": ""}, "/find?q="),
        ({"q": "a\r\nb"}, "/find?q=a%0D%0Ab"),
    ],
)
def test_what_is_left_over_becomes_the_query(params, address):
    assert url("/find", **params) == address
    found = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    values = [(n, v if isinstance(v, list | tuple) else [v]) for n, v in params.items()]
    assert found == [(n, str(v)) for n, vs in values for v in vs if v is not None]


def test_a_parameter_may_have_any_name():
    assert url("/static/<path:name>", name="a.css", self="x") == "/static/a.css?self=x"


@pytest.mark.parametrize(
    ("pattern", "params", "message"),
    [
        ("/notes/<int:id>", {}, "needs id: /notes/<int:id>"),
        ("/notes/<int:id>", {"id": None}, "needs id: /notes/<int:id>"),
        ("/notes/<int:id>", {"pk": 7}, "needs id (and got pk): /notes/<int:id>"),
        ("/<a>/<b>", {}, "needs a, b: /<a>/<b>"),
        (
            "/i/<int:n>",
            {"n": "x"},
            ("takes an int as n (digits, up to 9223372036854775807), not 'x': /i/<int:n>"),
        ),
        ("/i/<int:n>", {"n": -1}, "not -1: /i/<int:n>"),
        ("/i/<int:n>", {"n": 2**63}, "not 9223372036854775808: /i/<int:n>"),
        ("/i/<int:n>", {"n": 10**5000}, "not an int too long to write: /i/<int:n>"),
        ("/i/<int:n>", {"n": True}, "not True: /i/<int:n>"),
        (
            "/s/<str:s>",
            {"s": "a/b"},
            "takes a str as s (text without '/' or control characters), not 'a/b'",
        ),
        (
            "/s/<str:s>",
            {"s": ""},
            "takes a str as s (text without '/' or control characters), not ''",
        ),
        ("/s/<str:s>", {"s": "a\tb"}, r"not 'a\tb'"),
        ("/s/<s>", {"s": "a\x7fb"}, r"not 'a\x7fb'"),
        ("/p/<path:p>", {"p": "a/\x1fb"}, r"not 'a/\x1fb'"),
        ("/s/<slug:s>", {"s": "." * 99}, f"not '{'.' * 59}...: /s/<slug:s>"),
        ("/s/<str:s>", {"s": object}, "not <class 'object'>"),
        ("/s/<slug:s>", {"s": "a b"}, "takes a slug as s (ASCII letters, digits, '-' and '_')"),
        ("/u/<uuid:u>", {"u": "x"}, "takes a uuid as u (32 hexadecimal digits"),
        ("/p/<path:p>", {"p": "//evil.test"}, "that does not begin with '/'), not '//evil.test'"),
        ("/<path:p>", {"p": "/evil.test"}, "not '/evil.test'"),
        # A browser takes these segments out, so the address would be another one.
        ("/s/<s>", {"s": ".."}, "gives '/s/..', and browsers take"),
        ("/s/<s>/x", {"s": "."}, "gives '/s/./x', and browsers take"),
        ("/<path:p>", {"p": "a/../b"}, "gives '/a/../b', and browsers take"),
        ("/<a>.", {"a": "."}, "gives '/..', and browsers take"),
        # The address would be read as other values.
        ("/<x>-<y>", {"x": "a", "y": "b-c"}, "can't tell the values apart in '/a-b-c': /<x>-<y>"),
        ("/<path:p>/<f>", {"p": "a/b", "f": "c/d"}, "takes a str as f"),
        ("/<s>", {"s": "\ud800"}, r"gives '/\ud800', which is not Unicode: /<s>"),
        ("/", {"q": {"a": 1}}, "can't put q={'a': 1} into the query"),
        ("/", {"q": [b"x"]}, "can't put q=b'x' into the query"),
        ("/", {"q": "\ud800"}, r"can't put q='\ud800' into the query"),
    ],
)
def test_values_without_an_address_are_refused(pattern, params, message):
    with pytest.raises(URLBuildError, match=rf"^url_for\('it'\) .*{re.escape(message)}"):
        url(pattern, **params)


def test_an_undefined_variable_of_a_template_is_reported_as_such():
    with pytest.raises(UndefinedError, match="'nte' is undefined"):
        url("/<int:id>", id=StrictUndefined(name="nte"))
    with pytest.raises(UndefinedError, match="'page' is undefined"):
        url("/", page=StrictUndefined(name="page"))


@pytest.mark.parametrize("asked", [default_name(view), view], ids=["its own name", "the view"])
def test_a_view_whose_route_has_another_name_is_answered_with_that_name(asked):
    router = Router([path("/", view, name="zebra"), path("/a", other, name="runtime.test")])
    with pytest.raises(URLBuildError, match=r"Did you mean 'zebra'\? Names: runtime\.test, zebra"):
        router.url_for(asked, {})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "nots",
            (
                "url_for('nots'): no route has that name. Did you mean 'notes.index'?"
                " Names: home.index, notes.create, notes.index."
            ),
        ),
        ("notes.idnex", "Did you mean 'notes.index'? Names: "),
        ("create", "Did you mean 'notes.create'? Names: "),
        ("xyzzy", "url_for('xyzzy'): no route has that name. Names: home.index, "),
        (None, "url_for(None): no route has that name. Names: home.index, "),
        (["a"], "url_for(['a']): no route has that name. Names: home.index, "),
    ],
)
def test_a_name_that_no_route_has_is_answered_with_the_nearest(name, message):
    names = ["notes.index", "notes.create", "home.index"]
    router = Router([path(f"/{number}", view, name=name) for number, name in enumerate(names)])
    with pytest.raises(URLBuildError, match=f"^.*{re.escape(message)}"):
        router.url_for(name, {})


def test_the_view_itself_in_place_of_its_name_is_answered_with_the_name():
    router = Router([path("/", view)])
    with pytest.raises(URLBuildError, match=rf"Did you mean '{__name__}\.view'\?"):
        router.url_for(view, {})


def test_of_many_names_a_message_lists_the_first():
    router = Router([path(f"/{n}", view, name=f"r{n:05}") for n in range(10_000)])
    with pytest.raises(URLBuildError, match=r"r00018, r00019 and 9,980 more\.$"):
        router.url_for("zzz", {})
    with pytest.raises(URLBuildError, match=r"Names: none\.$"):
        Router([]).url_for("zzz", {})


# Characters that mean something to a path, a query, a regular expression or a browser, and others.
texts = st.text(st.sampled_from("ab7-._~/%?#&=+;:@ \\\"'<>[]{}é首🐍\t\u2028") | st.characters())
values = {
    "int": st.integers(0, 2**63 - 1),
    "slug": st.from_regex(r"[-a-zA-Z0-9_]+", fullmatch=True),
    "uuid": st.uuids(),
    "str": texts,
    "path": texts,
}
literals = st.text(st.sampled_from("ab7-._~%:@ é首"), max_size=3)


@st.composite
def patterns_and_params(draw) -> tuple[str, dict[str, object]]:
    """A pattern that may be refused, with values that may be refused."""
    params: dict[str, object] = {}
    segments = []
    for _ in range(draw(st.integers(1, 3))):
        segment = draw(literals)
        for _ in range(draw(st.integers(0, 2))):
            converter = draw(st.sampled_from(sorted(values)))
            name = f"p{len(params)}"
            params[name] = draw(values[converter])
            segment += f"<{converter}:{name}>{draw(literals)}"
        segments.append(segment)
    return "/" + "/".join(segments), params


queries = st.dictionaries(
    texts.filter(lambda name: not re.fullmatch(r"p[0-9]|name", name)), texts, max_size=2
)


@given(drawn=patterns_and_params(), query=queries)
@example(drawn=("/<x>", {"x": "a\tb"}), query={})
@example(drawn=("/<path:x>", {"x": "a\x00b"}), query={})
@example(drawn=("/%s", {}), query={"q": "a\x00b"})
@example(drawn=("/", {}), query={"\x00": "a"})
def test_no_address_that_url_for_makes_is_refused_by_the_application(drawn, query):
    def read(request, **params):
        return {"query": request.query.pairs, "path": request.path}

    pattern, params = drawn
    try:
        application = Application([path(pattern, read, name="it")])
        address = application.url_for("it", **params, **query)
    except RoutingError:
        reject()
    answer = call(application, url=address)
    assert answer.status == 200
    assert dict(json.loads(answer.body)["query"]) == query


@given(drawn=patterns_and_params())
@example(drawn=("/<x>-<y>", {"x": "a-b", "y": "c"}))
@example(drawn=("/<path:x>", {"x": "a//b/"}))
@example(drawn=("/<x>", {"x": "\\evil.test"}))
def test_what_url_for_gives_leads_back_to_the_same_values(drawn):
    pattern, params = drawn
    try:
        router = Router([path(pattern, view, name="it")])
        address = router.url_for("it", params)
    except RoutingError:
        reject()
    assert re.fullmatch(r"(?:[-A-Za-z0-9._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+", address)
    # A browser makes of it an address on the same host, with the same path.
    assert urljoin("https://site.test/a/b", address) == f"https://site.test{address}"
    found = router.match("GET", unquote(address, errors="strict"))
    assert found is not None
    assert found[1] == params


@pytest.mark.parametrize("word", ["_external", "_anchor", "_scheme"])
def test_what_is_flasks_is_told_with_what_is_written_here(word):
    router = Router([path("/notes/<int:id>", view, name="note")])
    with pytest.raises(URLBuildError, match=rf"url_for\('note'\) takes no {word}\. -> .*url_for"):
        router.url_for("note", {"id": 1, word: True})


def test_what_was_passed_instead_of_a_parameter_is_named():
    router = Router([path("/notes/<int:id>", view, name="note")])
    with pytest.raises(URLBuildError, match=r"url_for\('note'\) needs id \(and got pk\): /notes"):
        router.url_for("note", {"pk": 3})


def test_the_static_of_flask_is_told_with_what_it_is_here():
    router = Router([path("/static/<path:name>", view, name="static")])
    with pytest.raises(URLBuildError, match=r'-> in templates: {{ static\("style.css"\) }}'):
        router.url_for("static", {"filename": "style.css"})
