"""access=: who may use a route, as it is written, and what is wrong with it."""

from __future__ import annotations

import re

import pytest

from mtvgen.checks.facts import EnvironmentFact
from mtvgen.runtime import Application, RoutingErrors, Templates, include, path, signed_sessions
from mtvgen.runtime.accounts import Account, accounts, everybody, role, signed_in
from mtvgen.runtime.models import Database, database_session
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.testing import Client, who_may_use
from tests.support.members_site import User, members_site, text

ADA = Account(1, "ada@example.com", frozenset())
GRACE = Account(2, "grace@example.com", frozenset({"staff"}))


@pytest.mark.parametrize(
    ("rule", "who", "allowed"),
    [
        (everybody, "everybody", [None, ADA, GRACE]),
        (signed_in, "signed in", [ADA, GRACE]),
        (role("staff"), "role staff", [GRACE]),
        (role("editor"), "role editor", []),
    ],
)
def test_a_rule_says_whom_it_lets_in(rule, who, allowed):
    assert rule.who == who
    assert [account for account in (None, ADA, GRACE) if rule.allows(account)] == allowed


def test_the_inner_include_wins_and_a_routes_own_rule_wins_over_all(tmp_path):
    rules = {route.pattern: route.access.who for route in members_site(tmp_path).router.routes}
    assert rules["/staff"] == "role staff"
    assert rules["/staff/desk"] == "signed in"
    assert rules["/staff/help"] == "everybody"
    assert rules["/mine"] == "signed in"
    assert rules["/static/<path:name>"] == "everybody"


def test_a_projects_test_may_hold_the_whole_table_of_who_may_use_what(tmp_path):
    table = who_may_use(members_site(tmp_path))
    assert next(iter(table)) == "GET /"
    assert [*table][-1] == "GET /static/<path:name>"
    assert {route: who for route, who in table.items() if route.endswith(" /mixed")} == {
        "GET /mixed": "everybody",
        "POST /mixed": "role staff",
        "DELETE /mixed": "role staff",
    }
    assert table["POST /mine"] == "signed in"
    assert not any(route.startswith("HEAD ") for route in table)


def test_where_there_are_no_accounts_every_route_is_for_everybody():
    routes = [path("/a", text), path("/b", text, name="b", methods=["HEAD"])]
    assert who_may_use(Application(routes)) == {"GET /a": "everybody", "HEAD /b": "everybody"}


class WithoutWords:
    who = None

    def allows(self, account):
        return True


def guard_function(account):
    return True


@pytest.mark.parametrize(
    ("access", "message"),
    [
        (signed_in(), r"access=signed_in\(\) is called.*Write signed_in"),
        (everybody(), r"access=everybody\(\) is called.*Write everybody"),
        (role, r'access=role lacks the name of the role. Write access=role\("staff"\)'),
        ("staff", r"access='staff' is text. Write access=role\('staff'\)"),
        ("signed_in", r"is text. Write access=signed_in"),
        (guard_function, r"access=guard_function is not a rule"),
        (True, r"access=True is not a rule"),
        (WithoutWords(), r"is not a rule"),
        (type(everybody), r"is not a rule"),
    ],
)
def test_a_wrong_rule_is_a_routing_mistake_with_its_line_and_its_cure(access, message):
    routes = [path("/a", text, access=access), path("b", text, name="b")]
    with pytest.raises(RoutingErrors, match=message) as caught:
        Router(routes, access=everybody)
    assert [error.kind for error in caught.value.errors] == ["access", "pattern"]
    assert "test_access.py:" in str(caught.value.errors[0])
    with pytest.raises(RoutingErrors, match=message):
        Router([include("/x", [path("/a", text)], access=access)])
    with pytest.raises(TypeError, match=message):
        accounts(User, access=access)


def test_a_rule_without_accounts_is_an_error_that_says_what_to_add():
    closed = [path("/a", text, access=everybody), path("/b", text, name="b", access=signed_in)]
    with pytest.raises(RoutingErrors, match=r"accounts\(User\) goes into middleware") as caught:
        Application(closed)
    assert len(caught.value.errors) == 1
    Application(closed[:1])


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ([path("/", text)], r"no route has that name"),
        ([path("/in", text, name="accounts.log_in")], r"is not for everybody"),
        ([path("/<x>/in", text, name="accounts.log_in", access=everybody)], r"has parameters"),
    ],
)
def test_a_login_page_that_nobody_could_use_is_an_error_at_startup(routes, message):
    with pytest.raises(ValueError, match=message):
        Application(routes, middleware=[accounts(User, access=signed_in)])


def test_accounts_twice_or_of_a_class_without_the_columns_is_an_error_at_startup():
    with pytest.raises(
        TypeError, match=re.escape("middleware=[...] has accounts() twice. -> remove one of them")
    ):
        Application([], middleware=[accounts(User), accounts(User)])
    with pytest.raises(TypeError, match=r"ended_sessions.*SessionColumns"):
        accounts(object)
    with pytest.raises(TypeError, match=r"Are its brackets missing: accounts\(...\)"):
        Application([], middleware=[accounts])


def test_an_empty_role_is_an_error():
    with pytest.raises(ValueError, match="write the name of a role"):
        role(" ")


def test_accounts_above_the_sessions_is_an_error_that_says_so(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    layers = [database_session(database), accounts(User), signed_sessions("key")]
    with pytest.raises(RuntimeError, match=r"it goes below database_session\(\)"):
        Client(Application([path("/", text)], middleware=layers)).get("/")


def test_the_checks_know_that_templates_of_such_a_site_have_the_user(tmp_path):
    site = members_site(tmp_path)
    assert "user" in EnvironmentFact.of(site.templates.environment).globals
    assert "user" not in EnvironmentFact.of(Templates(tmp_path).environment).globals
