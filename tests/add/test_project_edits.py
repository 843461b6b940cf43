"""The edits of an addition, in files as people write them."""

from __future__ import annotations

import ast
import io
import tokenize
from itertools import product

import pytest

from mtvgen.add.project_edits import with_middleware, with_models, with_routes
from mtvgen.add.source_text import NotPlacedError

INCLUDE = 'include("", accounts.urlpatterns, name="accounts.")'


def routes(source: str) -> str:
    return with_routes(source.encode(), "accounts").decode()


def middleware(source: str) -> str:
    return with_middleware(
        source.encode(),
        ("mtvgen.runtime.accounts", "accounts"),
        "{User}, access={signed_in}",
        {"User": "models", "signed_in": "mtvgen.runtime.accounts"},
        {"database_session", "signed_sessions"},
    ).decode()


def models(source: str) -> str:
    return with_models(source.encode(), "user", ["Guess", "User"]).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from mtvgen.runtime import path\n\nfrom views import home, notes\n\n"
            'urlpatterns = [\n    path("/", home.index),\n    path("/notes", notes.index),\n]\n',
            "from mtvgen.runtime import include, path\n\n"
            "from views import accounts, home, notes\n\n"
            'urlpatterns = [\n    path("/", home.index),\n    path("/notes", notes.index),\n'
            f"    {INCLUDE},\n]\n",
            id="a new project",
        ),
        pytest.param(
            "from mtvgen.runtime import path\nfrom views import home\n"
            'urlpatterns = [path("/", home.index)]',
            "from mtvgen.runtime import include, path\nfrom views import accounts, home\n"
            f'urlpatterns = [path("/", home.index), {INCLUDE}]',
            id="one line, and no line end at the end",
        ),
        pytest.param(
            "from mtvgen.runtime import (\n    include,\n    path,  # paths\n)\n"
            "from views import (\n    home,\n    zoo\n)\n"
            'urlpatterns = [\n\tpath("/", home.index),  # first\n'
            '\tinclude("/zoo", zoo.urlpatterns)  # last\n]\n',
            "from mtvgen.runtime import (\n    include,\n    path,  # paths\n)\n"
            "from views import (\n    accounts,\n    home,\n    zoo\n)\n"
            'urlpatterns = [\n\tpath("/", home.index),  # first\n'
            f'\tinclude("/zoo", zoo.urlpatterns),  # last\n\t{INCLUDE}\n]\n',
            id="parentheses, tabs and comments",
        ),
        pytest.param(
            "from mtvgen.runtime import (\n    Request,\n    Response\n)\n"
            "from views import (\n    about\n)\n"
            'urlpatterns = [\n    path("/", home.index)\n]\n',
            "from mtvgen.runtime import (\n    Request,\n    Response,\n    include\n)\n"
            "from views import (\n    about,\n    accounts\n)\n"
            f'urlpatterns = [\n    path("/", home.index),\n    {INCLUDE}\n]\n',
            id="lines, and no comma behind the last",
        ),
        pytest.param(
            "import mtvgen.runtime as web\nfrom views import home\n"
            'urlpatterns = [web.path("/", home.index)]\nurlpatterns += [web.path("/b", home.b)]\n',
            "import mtvgen.runtime as web\nfrom views import accounts, home\n"
            'urlpatterns = [web.path("/", home.index)]\nurlpatterns += '
            f'[web.path("/b", home.b), web.{INCLUDE}]\n',
            id="a module, and +=",
        ),
        pytest.param(
            "from routes import urlpatterns\n",
            "from routes import urlpatterns\nfrom views import accounts\n"
            f"from mtvgen.runtime import include\nurlpatterns = [*urlpatterns, {INCLUDE}]\n",
            id="from elsewhere",
        ),
        pytest.param(
            "from mtvgen.runtime import include, path\nfrom views import accounts, home\n"
            "urlpatterns = sorted([path('/', home.index)], key=str)\nprint(1)\n",
            "from mtvgen.runtime import include, path\nfrom views import accounts, home\n"
            "urlpatterns = sorted([path('/', home.index)], key=str)\n"
            f"urlpatterns = [*urlpatterns, {INCLUDE}]\nprint(1)\n",
            id="computed",
        ),
        pytest.param(
            "from mtvgen.runtime import path\nfrom banking import accounts\n"
            'urlpatterns = [path("/", accounts.index)]\n',
            "from mtvgen.runtime import include, path\nfrom banking import accounts\n"
            "from views import accounts as views_accounts\n"
            'urlpatterns = [path("/", accounts.index), '
            f"{INCLUDE.replace('accounts.url', 'views_accounts.url')}]\n",
            id="the name is taken",
        ),
        pytest.param(
            "from views import accounts\nfrom mtvgen.runtime import include\n"
            f"more = [{INCLUDE}]\nurlpatterns = [*more]\n",
            None,
            id="it is there already",
        ),
    ],
)
def test_routes_are_included_behind_all_others(before, after):
    assert routes(before) == (before if after is None else after)


def test_a_second_time_changes_nothing():
    once = routes("from mtvgen.runtime import path\nurlpatterns = []\n")

    assert INCLUDE in once
    assert routes(once) == once


def test_line_ends_and_the_byte_order_mark_stay():
    source = "from views import home\r\n\r\nurlpatterns = [\r\n    home.x,  # 中文\r\n]\r\n"
    edited = with_routes(b"\xef\xbb\xbf" + source.encode(), "accounts")

    assert edited.startswith(b"\xef\xbb\xbf")
    assert edited.count(b"\n") == edited.count(b"\r\n") == source.count("\n") + 2
    assert f"# 中文\r\n    {INCLUDE},\r\n".encode() in edited


def test_however_a_list_is_written_the_item_is_the_last_and_no_comment_is_lost():
    beginnings = ["[", "[\n    ", "[  # open\n    "]
    separators = [", ", ",\n    ", ",  # one\n    ", ",\n\n    # above\n    "]
    ends = [
        "]",
        ",]",
        ",\n]",
        "\n]",
        ",  # last\n]",
        "  # last\n]",
        ",\n    # end\n]",
        "\n# end\n]",
    ]
    for beginning, separator, end in product(beginnings, separators, ends):
        source = (
            f"from views import home\nurlpatterns = {beginning}a(1){separator}b(2){end}  # noqa\n"
        )
        edited = routes(source)
        values = [each.value for each in ast.parse(edited).body if isinstance(each, ast.Assign)]
        assert [ast.unparse(item) for item in values[-1].elts] == [
            "a(1)",
            "b(2)",
            INCLUDE.replace('"', "'"),
        ]
        assert comments(edited) == comments(source)
        assert routes(edited) == edited


def comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"from routes import *\n", "nothing at its top level is called 'urlpatterns'"),
        (b"urlpatterns = [\n", "it is not valid Python"),
        (b"# \xe9\nurlpatterns = []\n", "it is not UTF-8"),
    ],
)
def test_where_there_is_no_place_the_reason_is_given(source, reason):
    with pytest.raises(NotPlacedError, match=reason):
        with_routes(source, "accounts")


WSGI = """\
from mtvgen.runtime import Application, signed_sessions
from mtvgen.runtime.models import database_session

from models import database
from urls import urlpatterns

application = Application(
    urlpatterns,
    middleware=[
        database_session(database),
        signed_sessions("key"),  # sessions
        mine,
    ],
)
"""


def test_a_middleware_goes_behind_those_that_it_needs():
    edited = middleware(WSGI)

    assert "# sessions\n        accounts(User, access=signed_in),\n        mine,\n" in edited
    assert "from models import User, database\n" in edited
    assert "from mtvgen.runtime.accounts import accounts, signed_in\n" in edited
    assert middleware(edited) == edited


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("[signed_sessions(1), database_session(2)]", "database_session(2), accounts("),
        ("(database_session(2), signed_sessions(1))", "signed_sessions(1), accounts("),
    ],
)
def test_a_list_in_a_variable_or_in_another_order_is_found(listed, expected):
    edited = middleware(
        "from mtvgen.runtime import Application, signed_sessions\n"
        "from mtvgen.runtime.models import database_session\n"
        f"layers = {listed}\napplication = Application([], middleware=layers)\n"
    )

    assert expected in edited


def test_a_list_in_a_function_is_found():
    edited = middleware(
        "from mtvgen.runtime import Application, signed_sessions\n"
        "from mtvgen.runtime.models import database_session\n"
        "def make():\n"
        "    layers = [\n        database_session(1),\n        signed_sessions(2)\n    ]\n"
        "    return Application([], middleware=layers)\n"
    )

    assert "signed_sessions(2),\n        accounts(User, access=signed_in)\n    ]\n" in edited


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("layers()", "is not written out"),
        ("[database_session(1)]", r"signed_sessions\(\.\.\.\) is not in its list"),
    ],
)
def test_a_middleware_without_its_place_is_not_added(listed, reason):
    with pytest.raises(NotPlacedError, match=reason):
        middleware(
            "from mtvgen.runtime import Application\n"
            f"application = Application([], middleware={listed})\n"
        )


IN_ORDER = """\
from models.note import Note

__all__ = ["Note", "database"]
"""
IN_ORDER_AFTER = """\
from models.note import Note
from models.user import Guess, User

__all__ = ["Guess", "Note", "User", "database"]
"""
RELATIVE = """\
from .note import Note
__all__ = (
    "database",
    "Note",
)
"""
RELATIVE_AFTER = """\
from .note import Note
from .user import Guess, User
__all__ = (
    "database",
    "Note",
    "Guess",
    "User",
)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (IN_ORDER, IN_ORDER_AFTER),
        (RELATIVE, RELATIVE_AFTER),
        ("database = 1\n", "from models.user import Guess, User\ndatabase = 1\n"),
    ],
)
def test_classes_are_imported_and_listed_in_their_order(before, after):
    assert models(before) == after
    assert models(after) == after
