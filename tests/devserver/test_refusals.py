"""Reports of what browsers refuse: a line for each violation, and no way to flood the terminal."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mtvgen.devserver.pages.live_reload import with_script
from mtvgen.devserver.pages.middleware import DevelopmentPages
from mtvgen.devserver.refusals import MOST_BYTES, MOST_LINES, Refusals, line_of
from mtvgen.devserver.urls import REFUSAL_REPORTS, REFUSAL_SCRIPT

ONCLICK = {"directive": "script-src-attr", "blocked": "inline", "page": "/notes", "line": 3}


def report(violations: object, **fields: str) -> dict[str, Any]:
    body = violations if isinstance(violations, bytes) else json.dumps(violations).encode()
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": REFUSAL_REPORTS,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        **fields,
    }


@pytest.mark.parametrize(
    ("violation", "line"),
    [
        (
            ONCLICK,
            (
                "the browser refused an attribute such as onclick (script-src-attr) on /notes, "
                "line 3. Use addEventListener() in a file in static/."
            ),
        ),
        (
            {"directive": "img-src", "blocked": "data", "page": "/", "policy": "img-src 'self'"},
            (
                "the browser refused data (img-src) on /. Put the file into static/, or write "
                """security_headers(content_security_policy={"img-src": "'self' data:"})"""
            ),
        ),
        (
            {
                "directive": "script-src-elem",
                "blocked": "https://cdn.example.com/a.js",
                "page": "/",
                "file": "http://localhost/static/b.js",
                "line": 7,
                "policy": "default-src 'self'; script-src 'self' 'nonce-abc'",
            },
            (
                "the browser refused https://cdn.example.com/a.js (script-src-elem) on /, from "
                "/static/b.js, line 7. Put the file into static/, or write security_headers("
                """content_security_policy={"script-src": "'self' https://cdn.example.com"})"""
            ),
        ),
        (
            {"directive": "script-src", "blocked": "eval", "page": "/"},
            "the browser refused eval() (script-src) on /. Use code that needs no eval().",
        ),
        ({"directive": "img-src"}, ""),
        ({"directive": ["x"], "blocked": {}}, ""),
    ],
)
def test_a_violation_is_said_with_its_cure(violation: dict[str, Any], line: str) -> None:
    assert line_of(violation) == line


def test_the_same_is_said_once_in_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    for _ in range(3):
        assert refusals.take(report([ONCLICK])) == 204
    assert len(caplog.records) == 1
    now[0] = 61.0
    refusals.take(report([ONCLICK]))
    assert len(caplog.records) == 2


def test_no_page_floods_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals(lambda: 0.0)
    for number in range(50):
        refusals.take(report([{**ONCLICK, "line": number * 100 + each} for each in range(100)]))
    assert len(caplog.records) == MOST_LINES
    refusals = Refusals(lambda: 0.0)
    refusals.take(report([{**ONCLICK, "page": "/a\n\x1b[31m" + "b" * 9000}]))
    assert "\n" not in caplog.records[-1].getMessage()
    assert len(caplog.records[-1].getMessage()) < 600


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        (report(b"{"), 400),
        (report(b"[" * 60_000), 400),
        (report({"a": 1}), 400),
        (report(["a", None, 3]), 204),
        (report([], CONTENT_LENGTH=str(MOST_BYTES + 1)), 413),
        (report([], CONTENT_LENGTH="-1"), 413),
        (report([], CONTENT_LENGTH=""), 413),
        (report([], REQUEST_METHOD="GET"), 405),
    ],
)
def test_other_bytes_are_refused(
    environ: dict[str, Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert Refusals().take(environ) == status
    assert caplog.records == []


@pytest.mark.parametrize(
    ("fields", "is_heard"),
    [
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_ORIGIN": "http://localhost:8000"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_ORIGIN": "https://evil.test"}, False),
        ({"HTTP_HOST": "evil.test"}, False),
        ({"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, False),
        ({"REMOTE_ADDR": "192.0.2.1"}, False),
    ],
)
def test_only_pages_of_this_site_are_heard(
    fields: dict[str, str], is_heard: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def nothing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b""]

    statuses: list[str] = []
    caplog.set_level(logging.WARNING)
    pages = DevelopmentPages(nothing, Path("/"))
    pages(report([ONCLICK], **fields), lambda status, _fields: statuses.append(status))
    assert statuses == ["204 No Content" if is_heard else "404 Not Found"]
    assert len(caplog.records) == is_heard


def test_the_script_comes_first_in_the_head_and_only_where_there_is_a_policy() -> None:
    page = b"<!doctype html><HEAD lang=en><title>a</title></HEAD><body></body>"
    tag = f'<script src="{REFUSAL_SCRIPT}"></script>'.encode()
    assert b"<HEAD lang=en>" + tag in with_script(page, 1, has_policy=True)
    assert tag not in with_script(page, 1)
    assert tag not in with_script(b"<header></header><body></body>", 1, has_policy=True)
