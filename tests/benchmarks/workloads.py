"""What is asked of every framework, and what a right answer is.

One `Workload` is one row of the table: the request as a WSGI server hands it over, and the check
that its answer has to pass before it is timed. The adapters take their data from here, so that all
say the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# The same two files serve Jinja2 and Django's own engine: what they use is spelled alike in both.
TEMPLATES = Path(__file__).parent / "templates"

TEXT = "Hello, world!"

RECORD = {
    "id": 7,
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "active": True,
    "score": 9.75,
    "roles": ["author", "editor"],
}

PEOPLE = [
    {"id": number, "name": f"Person <{number}>", "email": f"person{number}@example.org"}
    for number in range(1, 21)
]

PAGE = {"title": "People", "footer": "20 people", "people": PEOPLE}

FORM = {
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "subject": "The Analytical Engine",
    "message": "It weaves algebraical patterns & more: 100 % of them.",
    "copy": "yes",
}

# What Chrome sends with a navigation, in CGI's spelling, with the keys that PEP 3333 adds.
ENVIRON: dict[str, Any] = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "PATH_INFO": "/",
    "QUERY_STRING": "",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.1",
    "CONTENT_TYPE": "",
    "CONTENT_LENGTH": "",
    "HTTP_HOST": "localhost:8000",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_SEC_CH_UA": '"Chromium";v="142", "Not_A Brand";v="99"',
    "HTTP_SEC_CH_UA_MOBILE": "?0",
    "HTTP_SEC_CH_UA_PLATFORM": '"Linux"',
    "HTTP_UPGRADE_INSECURE_REQUESTS": "1",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
    "image/webp,image/apng,*/*;q=0.8",
    "HTTP_SEC_FETCH_SITE": "same-origin",
    "HTTP_SEC_FETCH_MODE": "navigate",
    "HTTP_SEC_FETCH_USER": "?1",
    "HTTP_SEC_FETCH_DEST": "document",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


@dataclass(frozen=True)
class Answer:
    """What came back: the numeric status, the headers by lower-case name, the whole body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Workload:
    """One row of the table."""

    title: str
    # Which function of an adapter makes the application that answers it, and what it takes.
    application: str
    path: str
    is_right: Callable[[Answer], bool]
    environ: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int = 200
    size: int | None = None

    def request(self) -> dict[str, Any]:
        """A new environ with everything but `wsgi.input`, which every call needs afresh."""
        return {**ENVIRON, "PATH_INFO": self.path, **self.environ}


def ask(application: WSGIApplication, workload: Workload) -> Answer:
    """Call the application once as a server does, and keep what it says."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, list(headers)))
        return lambda data: None

    environ = workload.request() | {"wsgi.input": BytesIO(workload.body)}
    answer = application(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    status, headers = started[-1]
    return Answer(int(status[:3]), {name.lower(): value for name, value in headers}, body)


def verify(application: WSGIApplication, workload: Workload) -> None:
    """Refuse to time an answer that is wrong.

    Raises:
        ValueError: The status or the body is not what the workload asks for.
    """
    answer = ask(application, workload)
    if answer.status != workload.status or not workload.is_right(answer):
        raise ValueError(f"wrong answer to {workload.title!r}: {answer}")


def says(text: str) -> Callable[[Answer], bool]:
    """The body is this text."""
    return lambda answer: answer.body.decode() == text


def last_of(count: int) -> Workload:
    """The last of `count` routes with a first segment of their own and a number behind it."""
    path = f"/section{count - 1}/42"
    return Workload(f"last of {count:,} routes", "routes", path, says("section 42"), size=count)


def _is_record(answer: Answer) -> bool:
    return (
        answer.headers["content-type"].startswith("application/json")
        and json.loads(answer.body) == RECORD
    )


def _is_page(answer: Answer) -> bool:
    page = answer.body.decode()
    return (
        answer.headers["content-type"].startswith("text/html")
        and page.lstrip().startswith("<!doctype html>")
        and page.rstrip().endswith("</html>")
        and page.count("<tr>") == 1 + len(PEOPLE)
        and page.count("Person &lt;20&gt;") == 1
        and "Person <" not in page
        and 'href="/people/20">person20@example.org' in page
    )


def _has_request_id(answer: Answer) -> bool:
    return answer.body.decode() == TEXT and answer.headers["x-request-id"] == "7f3a"


WORKLOADS: dict[str, Workload] = {
    "a": Workload("text on a static path", "site", "/hello", says(TEXT)),
    "b": Workload("JSON", "site", "/record", _is_record),
    "c": Workload("/users/<int:number>", "site", "/users/42", says("user 42")),
    "d10": last_of(10),
    "d1000": last_of(1_000),
    "d10000": last_of(10_000),
    "e": Workload("Jinja2 page, layout + 20 rows", "site", "/people", _is_page),
    "f": Workload(
        "form with 5 fields",
        "site",
        "/contact",
        says("|".join(FORM.values())),
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(urlencode(FORM))),
            "HTTP_ORIGIN": "http://localhost:8000",
        },
        urlencode(FORM).encode(),
    ),
    "g": Workload(
        "cookie + 2 query parameters",
        "site",
        "/search",
        says("engine 2 dark"),
        {"QUERY_STRING": "q=engine&page=2", "HTTP_COOKIE": "theme=dark; visited=2026-11-22"},
    ),
    "h": Workload("404", "site", "/nowhere", lambda answer: True, status=404),
    "i": Workload(
        "middleware: reads a header, sets one",
        "middleware",
        "/hello",
        _has_request_id,
        {"HTTP_X_REQUEST_ID": "7f3a"},
    ),
    "k": Workload("the whole pipeline, text", "pipeline", "/hello", says(TEXT)),
}

# One row of pipeline.py each: mtvgen with the first layers of a generated project's list.
LAYERS = ["allowed_hosts", "security_headers", "same_origin", "database_session", "signed_sessions"]

PIPELINE: dict[str, Workload] = {
    f"layers{count}": Workload(title, "layers", "/hello", says(TEXT), size=count)
    for count, title in enumerate(["no middleware", *(f"+ {layer}" for layer in LAYERS)])
}
