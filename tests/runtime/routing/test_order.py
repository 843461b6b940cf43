"""The most specific route wins, whatever the order in which the routes are written."""

from __future__ import annotations

import random
from functools import cache
from itertools import permutations
from uuid import UUID

import pytest

from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import path

# For each table the patterns, the paths that each of them takes with the parameters found in
# them, and, below None, the paths that none of them takes.
TABLES = {
    "a code host": {
        "/repos": {},
        "/repos/<org>": {},
        "/repos/<org>/<repo>": {},
        "/repos/<org>/<repo>/commits": {
            "/repos/racker/falcon/commits": {"org": "racker", "repo": "falcon"},
        },
        "/repos/<org>/<repo>/compare/all": {
            "/repos/racker/falcon/compare/all": {"org": "racker", "repo": "falcon"},
        },
        "/teams/<id>": {"/teams/42": {"id": "42"}, "/teams/1234": {"id": "1234"}},
        "/teams/<id>/members": {
            "/teams/1234/members": {"id": "1234"},
            "/teams/default/members": {"id": "default"},
        },
        "/teams/default": {"/teams/default": {}},
        "/teams/default/members/thing": {"/teams/default/members/thing": {}},
        "/user/memberships": {"/user/memberships": {}},
        "/emojis": {"/emojis": {}},
        "/emojis/signs/0": {"/emojis/signs/0": {}},
        "/emojis/signs/42": {"/emojis/signs/42": {}},
        "/emojis/signs/<id>": {
            "/emojis/signs/1": {"id": "1"},
            "/emojis/signs/78": {"id": "78"},
            "/emojis/signs/stop": {"id": "stop"},
        },
        "/emojis/signs/42/small.jpg": {"/emojis/signs/42/small.jpg": {}},
        "/emojis/signs/78/small.png": {"/emojis/signs/78/small.png": {}},
        "/emojis/signs/78/small(png)": {"/emojis/signs/78/small(png)": {}},
        "/emojis/signs/78/small_png": {"/emojis/signs/78/small_png": {}},
        "/gists/first": {"/gists/first": {}},
        "/gists/<id>/raw": {
            "/gists/42/raw": {"id": "42"},
            "/gists/first/raw": {"id": "first"},
        },
        "/gists/<id>/<representation>": {
            "/gists/first/pdf": {"id": "first", "representation": "pdf"},
            "/gists/1776/pdf": {"id": "1776", "representation": "pdf"},
        },
        "/item/<q>": {"/item/1234": {"q": "1234"}},
        "/cvt/teams/default": {"/cvt/teams/default": {}},
        "/cvt/teams/<int:id>": {"/cvt/teams/007": {"id": 7}},
        "/cvt/teams/<int:id>/members": {"/cvt/teams/1234/members": {"id": 1234}},
        None: [
            "/teams",
            "/teams/42/undefined",
            "/teams/42/undefined/segments",
            "/teams/42/members/undefined",
            "/teams/default/undefined",
            "/teams/default/undefined/segments",
            "/teams/default/members/undefined",
            "/teams/default/members/thing/undefined",
            "/teams/default/members/thing/undefined/segments",
            "/cvt/teams/NaN",
            "/cvt/teams/default/members",
            "/emojis/signs",
            "/emojis/signs/0/x",
            "/emojis/signs/0/small",
            "/emojis/signs/0/undefined",
            "/emojis/signs/0/undefined/segments",
            "/emojis/signs/1/small",
            "/emojis/signs/20/small",
            "/emojis/signs/20/undefined",
            "/emojis/signs/42/undefined",
            "/emojis/signs/78/undefined",
            "/gists",
            "/gists/42",
            "/repos/racker/falcon/compare/foo",
            "/repos/racker/falcon/compare/foo/full",
            "/this/does/not/exist",
            "/user/bogus",
        ],
    },
    "a version in front": {
        "/v2": {"/v2": {}},
        "/<version>/messages": {
            "/v1/messages": {"version": "v1"},
            "/v2/messages": {"version": "v2"},
        },
        None: ["/v1"],
    },
    "text that leads nowhere by itself": {
        "/recipes/baking": {"/recipes/baking": {}},
        "/recipes/<activity>/<type_id>": {
            "/recipes/baking/4242": {"activity": "baking", "type_id": "4242"},
        },
        None: ["/recipes/grilling"],
    },
    "each converter": {
        "/": {"/": {}},
        "/func": {"/func": {}},
        "/users/": {"/users/": {}},
        "/users/me": {"/users/me": {}},
        "/users/<username>": {
            "/users/tomchristie": {"username": "tomchristie"},
            "/users/nomatch": {"username": "nomatch"},
        },
        "/int/<int:param>": {"/int/5": {"param": 5}},
        "/path/<path:param>": {"/path/some/example": {"param": "some/example"}},
        "/uuid/<uuid:param>": {
            "/uuid/ec38df32-ceda-4cfa-9b4a-1aeb94ad551a": {
                "param": UUID("ec38df32-ceda-4cfa-9b4a-1aeb94ad551a")
            },
        },
        "/path-with-parentheses(<int:param>)": {"/path-with-parentheses(7)": {"param": 7}},
        None: ["/foo", "/int/", "/int/x", "/int/5/6", "/uuid/not-a-uuid"],
    },
    # Two decisions: a uuid needs its dashes, and may be written in capitals.
    "a uuid": {
        "/<uuid:param>": {
            "/00000000-aaaa-ffff-9999-000000000000": {
                "param": UUID("00000000-aaaa-ffff-9999-000000000000")
            },
            "/00000000-AAAA-FFFF-9999-000000000000": {
                "param": UUID("00000000-aaaa-ffff-9999-000000000000")
            },
        },
        None: ["/not-a-uuid", "/00000000aaaaffff9999000000000000"],
    },
    # Two more: text beside a parameter goes before a parameter alone, and a parameter
    # behind a <path:...> before the <path:...> alone.
    "text, slashes and paths": {
        "/static": {"/static": {}},
        "/<test>": {"/test": {"test": "test"}},
        "/func(<param>)": {"/func(foo)": {"param": "foo"}},
        "/x/<test>/": {"/x/test/": {"test": "test"}},
        "/uni/<x>": {"/uni/瓶": {"x": "瓶"}},
        "/object/<int:id>": {"/object/567": {"id": 567}},
        "/p/<path:id>": {"/p/a": {"id": "a"}},
        "/p/<path:id>/<f>": {"/p/a/b": {"id": "a", "f": "b"}},
        None: ["//no/m/at/ch/", "/object/abc", "/object/"],
    },
    "many routes behind a parameter": {
        **{f"/<a>/{n}": {f"/foo/{n}": {"a": "foo"}} for n in range(109)},
        None: ["/foo/109"],
    },
    "converters, the one that takes less first": {
        "/x/<int:n>": {"/x/7": {"n": 7}, "/x/9223372036854775807": {"n": 2**63 - 1}},
        "/x/<uuid:u>": {
            "/x/00000000-0000-4000-8000-000000000007": {
                "u": UUID("00000000-0000-4000-8000-000000000007")
            },
        },
        "/x/<slug:s>": {
            "/x/a-b": {"s": "a-b"},
            "/x/9223372036854775808": {"s": "9223372036854775808"},
        },
        "/x/<s>": {"/x/a.b": {"s": "a.b"}, "/x/é": {"s": "é"}},
        "/x/<path:p>": {"/x/a/b": {"p": "a/b"}, "/x/a/": {"p": "a/"}},
        None: ["/x/", "/x//a", "/x"],
    },
    "from left to right": {
        "/<int:a>/<b>": {"/5/x": {"a": 5, "b": "x"}},
        "/<slug:a>/x": {"/five/x": {"a": "five"}},
        "/<a>/<b>": {"/five/y": {"a": "five", "b": "y"}},
        "/files/<path:p>": {"/files/x": {"p": "x"}, "/files/x/y": {"p": "x/y"}},
        "/<path:p>": {"/a/b/c": {"p": "a/b/c"}, "/a": {"p": "a"}},
        None: ["/", "//a", "//files/a"],
    },
    "text beside parameters, the most text first": {
        "/a-<x>": {"/a-x": {"x": "x"}},
        "/a-<int:x>": {"/a-5": {"x": 5}},
        "/a-<x>.html": {"/a-x.html": {"x": "x"}},
        "/a-<int:x>.html": {"/a-5.html": {"x": 5}},
        "/a-b-<x>.html": {"/a-b-5.html": {"x": "5"}},
        "/<x>": {"/b": {"x": "b"}, "/a": {"x": "a"}},
        "/a<path:x>": {"/ab/c": {"x": "b/c"}, "/a-": {"x": "-"}},
        None: ["/b/c", "/a/b/c"],
    },
    "a path in the middle": {
        "/<path:p>/edit": {"/a/edit": {"p": "a"}, "/a/b/edit": {"p": "a/b"}},
        "/<path:p>/": {"/a/": {"p": "a"}, "/a/b/": {"p": "a/b"}},
        "/<path:p>/v<int:n>": {"/a/v2": {"p": "a", "n": 2}, "/v1/v2": {"p": "v1", "n": 2}},
        "/<path:p>": {"/edit": {"p": "edit"}, "/a/vv": {"p": "a/vv"}},
        None: ["/", "//edit", ""],
    },
    "other scripts": {
        "/首页": {"/首页": {}},
        "/笔记/<int:编号>": {"/笔记/7": {"编号": 7}},
        "/<x>": {"/首頁": {"x": "首頁"}},
        None: ["/笔记/七", "/笔记/\uff17"],  # a full-width 7
    },
}
CASES = [
    (table, pattern, address, params)
    for table, patterns in TABLES.items()
    for pattern, taken in patterns.items()
    for address, params in (taken.items() if pattern else [(address, {}) for address in taken])
]


def view(request, **parameters):
    raise AssertionError("a router calls no view")


@cache
def routers(table: str) -> list[Router]:
    """The table as it is written, backwards, and in 20 orders by chance, always the same ones."""
    patterns = [pattern for pattern in TABLES[table] if pattern]
    shuffle = random.Random(table).sample
    orders = [patterns, patterns[::-1], *[shuffle(patterns, len(patterns)) for _ in range(20)]]
    return [Router([path(p, view, name=p) for p in order]) for order in orders]


@pytest.mark.parametrize(("table", "pattern", "address", "params"), CASES)
def test_a_path_leads_to_the_most_specific_route(table, pattern, address, params):
    for router in routers(table):
        found = router.match("GET", address)
        assert (found and found[0].pattern) == pattern
        assert dict(found[1] if found else {}) == params
        assert bool(router.allowed(address)) == bool(pattern)


# Text beside parameters: characters that mean something in a regular expression mean themselves.
@pytest.mark.parametrize(
    ("pattern", "address", "params"),
    [
        ("/serviceRoot/People|<field>", "/serviceRoot/People|susie", {"field": "susie"}),
        ("/serviceRoot/People[<field>]", "/serviceRoot/People['calvin']", {"field": "'calvin'"}),
        ("/serviceRoot/People(<field>)", "/serviceRoot/People('hobbes')", {"field": "'hobbes'"}),
        ("/serviceRoot/People(<field>)(z)", "/serviceRoot/People(hobbes)(z)", {"field": "hobbes"}),
        ("/serviceRoot/People('<field>')", "/serviceRoot/People('rosalyn')", {"field": "rosalyn"}),
        ("/^<field>", "/^42", {"field": "42"}),
        ("/+<field>", "/+42", {"field": "42"}),
        ("/items/<x>|<y>", "/items/1080|768", {"x": "1080", "y": "768"}),
        ("/items/<x>,<y>", "/items/1080,768", {"x": "1080", "y": "768"}),
        ("/items/<x>^^<y>", "/items/1080^^768", {"x": "1080", "y": "768"}),
        ("/items/<x>*<y>*", "/items/1080*768*", {"x": "1080", "y": "768"}),
        ("/thing-2/something+<field>+", "/thing-2/something+42+", {"field": "42"}),
        ("/thing-2/something*<field>/notes", "/thing-2/something*42/notes", {"field": "42"}),
        (
            "/thing-2/something+<field>|<q>/notes",
            "/thing-2/something+else|z/notes",
            {"field": "else", "q": "z"},
        ),
        ("/images/<id>.gif", "/images/42.gif", {"id": "42"}),
        ("/items/thing", "/items/t", None),
        ("/items/<x>|<y>|", "/items/1080|768", None),
        ("/items/<x>*<y>foo", "/items/1080*768foobar", None),
        ("/items/<x>*768*", "/items/1080*768***x", None),
    ],
)
def test_text_around_a_parameter_is_text(pattern, address, params):
    found = Router([path(pattern, view)]).match("GET", address)
    assert (found and found[1]) == params


def test_every_order_of_every_kind_of_segment_agrees():
    patterns = ["/a/b", "/a/<int:x>", "/a/<x>", "/<x>/b", "/<int:x>/<y>", "/a<x>/b", "/a/<path:x>"]
    addresses = ["/a/b", "/a/7", "/a/x", "/c/b", "/7/7", "/7/b", "/ab/b", "/a/b/c", "/ab/7"]
    answers = set()
    for order in permutations(patterns):
        router = Router([path(pattern, view, name=pattern) for pattern in order])
        found = [router.match("GET", address) for address in addresses]
        answers.add(tuple(route.pattern if (route := f and f[0]) else None for f in found))
    assert answers == {
        (
            "/a/b",
            "/a/<int:x>",
            "/a/<x>",
            "/<x>/b",
            "/<int:x>/<y>",
            "/<int:x>/<y>",
            "/a<x>/b",
            "/a/<path:x>",
            None,
        )
    }
