"""Every mistake in urls.py is refused when the Router is made, with its file and line."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from mtvgen.runtime.routing.errors import RouteConflictError, RouteSyntaxError, RoutingErrors
from mtvgen.runtime.routing.router import Router

HEAD = """\
from functools import partial
from mtvgen.runtime.routing.routes import include, path
def index(request): ...
def create(request): ...
def detail(request, **parameters): ...
class Page: ...
"""  # what is checked begins on line 7


@pytest.fixture
def mistakes(tmp_path, monkeypatch):
    """What a Router says about the `urlpatterns` of a urls.py with these lines."""
    monkeypatch.syspath_prepend(tmp_path)  # where a project is, and what its files are shown below

    def made_of(lines: str) -> list[str]:
        source = HEAD + dedent(lines).strip()
        namespace = {"__name__": "urls"}
        exec(compile(source, str(tmp_path / "urls.py"), "exec"), namespace)
        try:
            Router(namespace["urlpatterns"])
        except RoutingErrors as errors:
            return str(errors).splitlines()
        return []

    return made_of


@pytest.mark.parametrize(
    ("call", "mistake"),
    [
        # The text of a pattern.
        ("path('notes', index)", "'notes': must start with '/'"),
        ("path('', index)", "'': must start with '/'"),
        ("path('^notes/$', index)", "'^notes/$': must start with '/'"),
        ("path(None, index)", "None: a pattern is text, not NoneType"),
        ("path('/a//b', index)", "'/a//b': '//' leaves a segment empty"),
        ("path('//', index)", "'//': '//' leaves a segment empty"),
        ("path('/a/../b', index)", "'/a/../b': no path arrives with a segment '.' or '..'"),
        ("path('/a/.', index)", "'/a/.': no path arrives with a segment '.' or '..'"),
        ("path('/find?q=<q>', index)", "'/find?q=<q>': a pattern ends before '?' and '#'"),
        ("path('/a#b', index)", "'/a#b': a pattern ends before '?' and '#'"),
        ("path('/caf%C3%A9', index)", "'/caf%C3%A9': paths are matched decoded: write '/café'"),
        ("path('/{id}', index)", "'/{id}': a parameter is written <id>"),
        ("path('/{int:id}', index)", "'/{int:id}': a parameter is written <int:id>"),
        ("path('/{id:int}', index)", "'/{id:int}': a parameter is written <int:id>"),
        ("path('/a\\tb', index)", r"'/a\tb': no path holds a control character"),
        ("path('/a\\ud800', index)", r"'/a\ud800': no path holds a control character or half a"),
        # Parameters.
        ("path('/<>', detail)", "'/<>': '' is not a name for a parameter"),
        ("path('/<524hello>/world', detail)", "'/<524hello>/world': '524hello' is not a name"),
        ("path('/<*k>', detail)", "'/<*k>': '*k' is not a name"),
        ("path('/<-k>', detail)", "'/<-k>': '-k' is not a name"),
        ("path('/<thing >/world', detail)", "'/<thing >/world': 'thing ' is not a name"),
        ("path('/<th\\ning>/world', detail)", r"'/<th\ning>/world': 'th\ning' is not a name"),
        ("path('/x/<str:\\ttest>', detail)", r"'/x/<str:\ttest>': '\ttest' is not a name"),
        ("path('/foo/<int:>', detail)", "'/foo/<int:>': '' is not a name"),
        ("path('/<class>', detail)", "'/<class>': 'class' is not a name"),
        ("path('/<f>/<a>/<f>', detail)", "'/<f>/<a>/<f>': parameter 'f' appears twice"),
        ("path('/a/<int:n>/<int:n>', detail)", "parameter 'n' appears twice"),
        ("path('/<request>', detail)", "'/<request>': a parameter can't be called 'request'"),
        ("path('/<path:a>/<path:b>', detail)", "one <path:...> a pattern"),
        ("path('/<a><b>', detail)", "'<a><b>' has no text between its parameters"),
        ("path('/a<b', detail)", "'a<b' has a '<' or '>' alone"),
        ("path('/a>b', detail)", "'a>b' has a '<' or '>' alone"),
        ("path('/<<a>>', detail)", "'<<a>>' has a '<' or '>' alone"),
        ("path('/<a/b>', detail)", "'<a' has a '<' or '>' alone"),
        # Converters.
        (
            "path('/notes/<itn:id>', detail)",
            (
                "'/notes/<itn:id>': no converter 'itn'. Did you mean 'int'?"
                " Known: int, path, slug, str, uuid."
            ),
        ),
        ("path('/<uid:post_id>', detail)", "no converter 'uid'. Did you mean 'uuid'?"),
        ("path('/<id:int>', detail)", "no converter 'id'. Did you mean <int:id>?"),
        ("path('/<:x>', detail)", "no converter ''. Known:"),
        ("path('/<float:x>', detail)", "no converter 'float'."),
        # Views.
        ("path('/', Page)", "'/': Page is a class; a view is a function"),
        ("path('/', 'home.index')", "'/': 'home.index' is not a view; import its module"),
        ("path('/', index(None))", "'/': None is not a view; a view is a function. Was it called,"),
        ("path('/', include)", ""),
        # Methods.
        (
            "path('/', index, methods='POST')",
            "methods='POST' is not a list. Write methods=['POST']",
        ),
        ("path('/', index, methods=None)", "methods=None is not a list. Write methods=['POST']"),
        ("path('/', index, methods=[])", "'/': methods=[] lets no request reach the view"),
        ("path('/', index, methods=['post'])", "written in upper case: 'POST', not 'post'"),
        ("path('/', index, methods=['PSOT'])", "no method 'PSOT'. Did you mean 'POST'?"),
        ("path('/', index, methods=['GET POST'])", "'GET POST' is not a method"),
        ("path('/', index, methods=[['GET']])", "['GET'] is not a method"),
        ("path('/', index, methods=[''])", "'' is not a method"),
        ("path('/', index, methods=['PROPFIND', 'QUERY'])", ""),
        # Names.
        ("path('/', index, name='')", "'/': name='' is not a name. Leave it out"),
        ("path('/', index, name=7)", "'/': name=7 is not a name."),
        ("path('/', index, name=['a'])", "'/': name=['a'] is not a name."),
        # Includes.
        (
            "include('/blog/', [])",
            "include('/blog/'): a prefix has no final '/'. Write include('/blog",
        ),
        ("include('/', [])", "include('/'): a prefix has no final '/'. Write include('', ...)"),
        ("include('blog', [])", "include('blog'): a prefix must start with '/'"),
        ("include(7, [])", "include(7): a prefix must start with '/'"),
        ("include('/<itn:id>', [])", "'/<itn:id>': no converter 'itn'. Did you mean 'int'?"),
        ("include('/a//b', [])", "'/a//b': '//' leaves a segment empty"),
        ("include('/blog', [], name=7)", "include('/blog'): name=7 is not text"),
        ("include('/blog', None)", "include('/blog'): None is not a list of routes"),
        (
            "include('/blog', 'blog.urls')",
            "include('/blog'): a value of type str is not a list of routes",
        ),
        (
            "include('/blog', re)",
            "the module re is not a list of routes, and it has no urlpatterns",
        ),
        (
            "include('/blog', [index])",
            "include('/blog'), item 1: a value of type function is not a path",
        ),
        ("include('/blog', [path('posts', index)])", "'posts': must start with '/'"),
        ("include('/<id>', [path('/<id>', index)])", "'/<id>/<id>': parameter 'id' appears twice"),
        ("include('', [path('/a', index)])", ""),
        ("include('/a', [path('', index)])", ""),
    ],
)
def test_a_call_that_can_not_work_is_refused_with_its_line(call, mistake, mistakes):
    found = mistakes(f"import re\nurlpatterns = [\n    {call},\n]")
    assert len(found) == bool(mistake)
    if mistake:
        assert re.match(rf"urls\.py:9: .*{re.escape(mistake)}", found[0])


def test_all_mistakes_come_together_in_the_order_of_the_list(mistakes):
    assert mistakes("""
        blog = [
            path("/<itn:id>", detail, name="detail"),
            path("/", Page, methods="GET"),
        ]
        urlpatterns = [
            path("/notes/<int:id>", detail, name="note"),
            path("/notes", index),
            path("notes", create),
            path("/notes/<int:pk>", create, name="note", methods=["POST"]),
            path("/notes", create, methods=["PUT", "GET"]),
            include("/blog", blog, name="blog."),
            index,
            include("/blog/", blog),
        ]
    """) == [
        "urls.py:14: 'notes': must start with '/'",
        "urls.py:15: the name 'note' is taken by urls.py:12. A name belongs to one pattern.",
        "urls.py:16: GET /notes is already urls.py:13 (urls.index).",
        (
            "urls.py:8: '/blog/<itn:id>': no converter 'itn'. Did you mean 'int'?"
            " Known: int, path, slug, str, uuid."
        ),
        "urls.py:9: '/blog/': Page is a class; a view is a function",
        "urls.py:9: '/blog/': methods='GET' is not a list. Write methods=['GET']",
        (
            "urlpatterns, item 7: a value of type function is not a path(...) or include(...)."
            ' Write path("/...", index)'
        ),
        "urls.py:19: include('/blog/'): a prefix has no final '/'. Write include('/blog', ...)",
    ]


@pytest.mark.parametrize(
    ("lines", "mistake"),
    [
        (
            """
            urlpatterns = [
                path("/notes", index),
                path("/remarks", index),
            ]
            """,
            (
                "urls.py:9: the name 'urls.index' is taken by urls.py:8."
                " A name belongs to one pattern."
            ),
        ),
        (
            """
            urlpatterns = [
                path("/notes/<int:id>", detail, name="a"),
                path("/notes/<int:pk>", create, name="b"),
            ]
            """,
            "urls.py:9: GET /notes/<int:pk> is already urls.py:8 (a).",
        ),
        (
            """
            urlpatterns = [
                path("/notes", index, methods=["GET"]),
                path("/notes", create, methods=["HEAD"]),
            ]
            """,
            "urls.py:9: HEAD /notes is already urls.py:8 (urls.index).",
        ),
        (
            """
            urlpatterns = [
                path("/", partial(index)),
                path("/", lambda request: "x"),
            ]
            """,
            "urls.py:9: GET / is already urls.py:8 (partial).",
        ),
        (
            """
            same = path("/", index)
            urlpatterns = [same, same]
            """,
            "urls.py:7: GET / is already urls.py:7 (urls.index).",
        ),
        (
            """
            blog = [path("/posts", index)]
            urlpatterns = [include("/a", blog), include("/b", blog)]
            """,
            (
                "urls.py:7: the name 'urls.index' is taken by urls.py:7."
                " A name belongs to one pattern."
                " Here it has /a/posts and /b/posts: give include() a name."
            ),
        ),
        (
            "urlpatterns = None",
            "urlpatterns: None is not a list of routes",
        ),
    ],
)
def test_two_routes_that_can_not_stand_side_by_side_are_refused(lines, mistake, mistakes):
    assert mistakes(lines) == [mistake]


@pytest.mark.parametrize(
    "lines",
    [
        # One name and one pattern for what shows a form and what takes it.
        """
        urlpatterns = [
            path("/notes/new", index, name="new"),
            path("/notes/new", create, name="new", methods=["POST"]),
        ]
        """,
        # Any number without a name.
        "urlpatterns = [path('/a', lambda r: 'a'), path('/b', lambda r: 'b')]",
        # One list in two places, told apart by names.
        """
        blog = [path("/posts", index)]
        urlpatterns = [include("/a", blog, name="a."), include("/b", blog, name="b.")]
        """,
        "urlpatterns = []",
        "urlpatterns = (path('/a', index),)",
        "urlpatterns = iter([path('/a', index)])",
    ],
)
def test_what_can_stand_side_by_side_is_taken(lines, mistakes):
    assert mistakes(lines) == []


def test_what_is_misspelt_is_not_reported_a_second_time_as_a_conflict(mistakes):
    found = mistakes("""
        urlpatterns = [
            path("/notes/<itn:id>", detail, name="note"),
            path("/notes/<int:id>", create, name="note", methods=["POST"]),
        ]
    """)
    assert len(found) == 1


def test_a_call_over_several_lines_is_shown_where_it_begins(mistakes):
    (mistake,) = mistakes("""
        urlpatterns = [
            path(
                "/<itn:id>",
                detail,
            ),
        ]
    """)
    assert mistake.startswith("urls.py:8: ")


def test_errors_tell_a_wrong_call_from_a_conflict():
    from mtvgen.runtime.routing.routes import path

    with pytest.raises(RoutingErrors, match="must start with '/'") as caught:
        Router([path("a", print), path("/b", print, name="b"), path("/c", print, name="b")])
    assert [type(error) for error in caught.value.errors] == [RouteSyntaxError, RouteConflictError]
