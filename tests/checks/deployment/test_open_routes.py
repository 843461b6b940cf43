"""`mtvgen check --deploy`: the routes by which everybody may write, on a site with accounts."""

from __future__ import annotations

import pytest

from mtvgen.checks.deployment.open_routes import open_writes
from mtvgen.runtime import include, path
from mtvgen.runtime.accounts import everybody, role, signed_in
from mtvgen.runtime.routing.router import Router

WSGI = """from mtvgen.runtime import Application, signed_sessions
from mtvgen.runtime.accounts import accounts, signed_in
from mtvgen.runtime.models import Database, database_session
from urls import urlpatterns


class User:
    id = email = roles = key = sessions_valid_from = ended_sessions = None


application = Application(
    urlpatterns,
    middleware=[
        database_session(Database("sqlite://")),
        signed_sessions("a key"),
        accounts(User, access=signed_in, log_in=None),
    ],
)
"""
URLS = """from mtvgen.runtime import include, path
from mtvgen.runtime.accounts import everybody


def page(request, **parameters):
    return "page"


accepted = [  # mtvgen: ignore[project.open-write] for people who have no account yet
    path("/sign-up", page, name="sign-up", methods=["GET", "POST"]),
    path("/confirm", page, name="confirm", methods=["GET", "POST"]),
]
urlpatterns = [
    path("/", page, name="page", access=everybody),
    path("/notes", page, name="notes", methods=["POST"]),
    path(
        "/contact",
        page,
        name="contact",
        methods=["GET", "POST"],
        access=everybody,
    ),
    path("/hook", page, methods=["PUT"], access=everybody),  # mtvgen: ignore[project.open-write]
    include("/in", accepted, access=everybody),
]
"""


def test_each_open_route_that_writes_is_a_note_which_a_comment_accepts(tmp_path, checker):
    (tmp_path / "wsgi.py").write_text(WSGI)
    (tmp_path / "urls.py").write_text(URLS)

    found = [p for p in checker.check(tmp_path, deploy=True).problems if "open" in p.id]
    (problem,) = found
    assert str(problem) == (
        "urls.py:21:16: note: POST /contact is open to everybody. -> access=signed_in, "
        "or accept it: # mtvgen: ignore[project.open-write] [project.open-write]"
    )
    # Nor do the comments complain where it is not asked for.
    assert [str(problem) for problem in checker.check(tmp_path, afresh=True).problems] == []


def page(request, **parameters):
    return "page"


class OfTheOffice:
    who = "the office"

    def allows(self, account):
        raise LookupError


def listed(routes, access=signed_in):
    return [
        problem.message.split(" is ")[0] for problem in open_writes(Router(routes, access=access))
    ]


@pytest.mark.parametrize(
    ("methods", "shown"),
    [
        (["POST"], ["POST /a"]),
        (["GET", "POST"], ["POST /a"]),
        (["PUT", "PATCH", "DELETE"], ["PUT, PATCH, DELETE /a"]),
        (["PURGE"], ["PURGE /a"]),
        (["GET"], []),
        (["OPTIONS", "TRACE"], []),
    ],
)
def test_what_writes_is_known_by_its_methods(methods, shown):
    assert listed([path("/a", page, methods=methods, access=everybody)]) == shown
    assert listed([path("/a", page, methods=methods)]) == []


def test_the_rule_that_holds_decides_wherever_it_is_written():
    inner = [path("/a", page, name="a", methods=["POST"])]
    assert listed(inner, access=everybody) == ["POST /a"]
    assert listed(inner, access=None) == []
    assert listed([include("/x", inner, access=everybody)]) == ["POST /x/a"]
    assert listed([include("/x", inner, access=role("staff"))], access=everybody) == []
    assert listed([path("/a", page, methods=["POST"], access=OfTheOffice())]) == []


def test_a_site_without_accounts_is_not_asked():
    assert listed([path("/a", page, methods=["POST"], access=everybody)], access=None) == []
