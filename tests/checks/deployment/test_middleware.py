"""`mtvgen check --deploy`: the middleware that protects a site, and its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.deployment.middleware import middleware_problems
from mtvgen.checks.python.sources import Sources
from tests.checks.seed_project import write_project

HOSTS, HEADERS, ORIGIN, DATABASE, SESSIONS = (
    "allowed_hosts(settings.allowed_hosts)",
    "security_headers()",
    "same_origin()",
    "database_session(database)",
    "signed_sessions(settings.secret_key)",
)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([HOSTS, HEADERS, ORIGIN, DATABASE, SESSIONS], []),
        ([HOSTS, HEADERS, ORIGIN], []),
        ([HOSTS, "mine()", HEADERS, ORIGIN, SESSIONS, DATABASE], []),
        ([HEADERS, ORIGIN], ["the middleware allowed_hosts() is missing"]),
        ([HOSTS, ORIGIN], ["the middleware security_headers() is missing"]),
        ([HOSTS, HEADERS, DATABASE], ["the middleware same_origin() is missing"]),
        ([HEADERS, HOSTS, ORIGIN], ["allowed_hosts() comes after security_headers()"]),
        ([HOSTS, HEADERS, DATABASE, ORIGIN], ["same_origin() comes after database_session()"]),
        ([HOSTS, HEADERS, SESSIONS, ORIGIN], ["same_origin() comes after signed_sessions()"]),
        ([HOSTS, ORIGIN, HEADERS], ["security_headers() comes after same_origin()"]),
    ],
    ids=lambda value: ", ".join(one.split("(")[0] for one in value) or "no problem",
)
def test_the_middleware_is_there_and_in_order(tmp_path, listed, expected):
    found = problems_of_middleware(tmp_path, f"[{', '.join(listed)}]")

    assert len(found) == len(expected)
    assert all(one in problem.message for one, problem in zip(expected, found, strict=True))
    assert all(problem.file == "wsgi.py" for problem in found)


def test_a_site_without_any_middleware_lacks_all_that_protects(tmp_path):
    assert len(problems_of_middleware(tmp_path, None)) == 3


def test_a_computed_list_is_left_alone_and_counted(tmp_path):
    (unchecked,) = problems_of_middleware(tmp_path, "usual()")

    assert str(unchecked).endswith("middleware not checked: its list is computed")


def test_a_layer_of_ones_own_may_hold_what_is_missing(tmp_path):
    (tmp_path / "guards.py").write_text(
        "from mtvgen.runtime import same_origin\n"
        "def forms_from_here(handler):\n"
        "    return same_origin()(handler)\n"
    )
    listed = f"[{HOSTS}, {HEADERS}, guards.forms_from_here]"
    (unchecked,) = problems_of_middleware(tmp_path, listed, "import guards")
    assert str(unchecked).endswith("a layer of the project's own may hold same_origin()")


def problems_of_middleware(root: Path, listed: str | None, imports: str = "") -> list:
    write_project(root)
    wsgi = root / "wsgi.py"
    before, rest = wsgi.read_text().split("    middleware=[", 1)
    after = rest.split("    ],\n", 1)[1]
    line = f"    middleware={listed},\n" if listed is not None else ""
    wsgi.write_text(f"{imports}\n{before}{line}{after}")
    sources = Sources(root)
    sources.refresh()
    return list(
        middleware_problems(sources.modules["wsgi"], sources.resolve, sources.modules.values())
    )
