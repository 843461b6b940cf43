"""The error page, the 404 page and the script, around a real Application."""

from __future__ import annotations

import html
import re
import runpy
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from mtvgen.devserver.found_problems import FoundProblem, problems_of, save_problems
from mtvgen.devserver.pages.middleware import DevelopmentPages
from mtvgen.devserver.pages.missing_page import candidates, hint, line_to_paste
from mtvgen.devserver.pages.visitors import is_local
from mtvgen.disk.open_directory import OpenDirectory
from mtvgen.runtime import Application, Handler, Request, Response, json_response, path
from mtvgen.runtime.accounts import everybody

SECRET = "correct-horse-battery"

VIEWS = """\
from mtvgen.runtime import NotFound, Request, Response, flash, render

SECRET = "correct-horse-battery"

def fails(request: Request) -> str:
    password = SECRET
    settings = {"api_key": SECRET, "colour": "<b>red</b>"}
    assert password
    assert settings
    raise ValueError("<script>alert(1)</script>")

def chained(request: Request) -> str:
    try:
        return {}["missing"]
    except KeyError as error:
        raise RuntimeError("no such thing") from error

def templated(request: Request) -> Response:
    return render(request, str(request.query["name"]), title="t")

def page(request: Request) -> str:
    return "<!doctype html><body>whole</body>"

def fragment(request: Request) -> str:
    return "<li>part</li>"

def cached(request: Request) -> Response:
    return Response("<body></body>", headers={"ETag": '"1"', "Cache-Control": "max-age=60"})

def streamed(request: Request) -> Response:
    return Response(iter([b"<body>", b"</body>"]))

def compressed(request: Request) -> Response:
    return Response(b"<body></body>", headers={"Content-Encoding": "gzip"})

def raises_not_found(request: Request) -> str:
    raise NotFound("not this one")

def subscripts(request: Request) -> str:
    return str(request.json["title"])

def note(request: Request, id: int) -> str:
    return str(id)

def reads_the_form(request: Request) -> str:
    return request.query["day"]

def flashes(request: Request) -> str:
    flash("Saved.")

def takes_nothing() -> str:
    return ""

def returns_none(request: Request) -> None:
    pass

def fails_as_a_group(request: Request) -> str:
    errors = []
    for kind, text in ((ValueError, "first"), (RuntimeError, "second")):
        try:
            try:
                {}["deeper"]
            except KeyError as error:
                raise kind(text) from error
        except Exception as error:
            errors.append(error)
    raise ExceptionGroup("both", errors)

def returns_a_set(request: Request) -> object:
    return {"events": [1, {2}]}
"""
TEMPLATES = {
    "undefined.html": "<p>\n{{ titel }}</p>",
    "broken.html": "{% if title %}\n{% endfi %}",
    "outer.html": "<p>\n\n{% include 'undefined.html' %}",
    "404.html": "<body>the project's own 404</body>",
    "500.html": "<body>the project's own 500</body>",
}


@pytest.fixture
def site(tmp_path: Path) -> DevelopmentPages:
    for name, text in TEMPLATES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "pages.py").write_text(VIEWS, encoding="utf-8")
    views = runpy.run_path(str(tmp_path / "pages.py"))
    names = [name for name, value in views.items() if isinstance(value, FunctionType)]
    routes = [
        path(f"/{name}", views[name], name=name)
        for name in names
        if name not in ("note", "render", "flash")
    ]
    routes.append(path("/notes/<int:id>", views["note"], name="note"))
    routes.append(path("/make", views["fragment"], name="make", methods=["POST"]))
    application = Application(routes, templates=tmp_path, debug=True)
    pages = DevelopmentPages(application, tmp_path)
    pages.generation = 7
    return pages


class Answer:
    def __init__(self, status: str, fields: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status[:3])
        self.fields = dict(fields)
        self.text = body.decode()


def ask(
    site: DevelopmentPages, target: str, seen: dict[str, Any] | None = None, /, **environ: Any
) -> Answer:
    found: list[Any] = []
    wsgi_path, _, query = target.partition("?")
    full = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": wsgi_path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
        "HTTP_ACCEPT": "text/html,*/*;q=0.8",
        **environ,
    }
    result = site(full, lambda *head: found.append(head) or bytes)  # type: ignore[func-returns-value]
    body = b"".join(result)
    if hasattr(result, "close"):
        result.close()
    (seen if seen is not None else {}).update(full)
    (status, fields, *_) = found[-1]
    return Answer(status, fields, body)


class Tags(HTMLParser):
    """What a page would load and run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def test_the_error_page_says_what_where_and_with_which_values(site: DevelopmentPages) -> None:
    answer = ask(site, "/fails")

    assert answer.status == 500
    assert "ValueError" in answer.text
    assert "pages.py:" in answer.text
    assert "in fails" in answer.text
    assert '<tr class="failed" aria-current="true">' in answer.text
    assert "1 frame of mtvgen and other packages" in answer.text
    assert "GET /fails" in answer.text
    assert "Copy as text" in answer.text
    assert len(answer.text.encode()) < 60_000


def test_a_method_that_is_taken_for_a_mapping_is_named(site: DevelopmentPages) -> None:
    assert "request.json() is a method here." in ask(site, "/subscripts").text


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("/flashes", 'Hint: flash(request, "Saved.")\n'),
        ("/takes_nothing", "Hint: def takes_nothing(request): a view takes the request, "),
    ],
)
def test_a_wrong_call_is_told_with_the_right_one(
    site: DevelopmentPages, target: str, hint: str
) -> None:
    assert hint in ask(site, target, HTTP_ACCEPT="*/*").text


@pytest.mark.parametrize("name", ["returns_none", "returns_a_set"])
def test_an_error_after_the_view_has_returned_is_shown_at_the_view(
    site: DevelopmentPages, name: str
) -> None:
    answer = ask(site, f"/{name}", HTTP_ACCEPT="*/*")

    assert re.search(rf"\npages.py:\d+ in {name} \(after it returned\)\n", answer.text)
    assert re.search(rf"\n> +\d+ def {name}\(", answer.text)


UNIMPORTED = FoundProblem(
    "models/event.py",
    5,
    "models/event.py:5:7: models/__init__.py does not import it. [models.not-imported]",
)
OF_A_VIEW = FoundProblem("views/notes.py", 1, "views/notes.py:1:1: something else [views.async]")


def test_an_error_of_the_database_shows_what_the_checks_find_in_the_models(tmp_path: Path) -> None:
    def index(request: Request) -> str:
        raise IntegrityError("INSERT ...", {}, Exception("UNIQUE constraint failed: event.slug"))

    application = Application([path("/", index)], debug=True)
    with OpenDirectory.at(tmp_path) as directory:
        save_problems([UNIMPORTED, OF_A_VIEW], directory)
        pages = DevelopmentPages(application, tmp_path, problems_directory=directory)
        answer = ask(pages, "/")

    assert html.escape(UNIMPORTED.text) in answer.text
    assert OF_A_VIEW.text not in answer.text
    assert "UNIQUE constraint failed: event.slug. To answer it next to the field" in answer.text


def test_nothing_of_the_error_is_markup(site: DevelopmentPages) -> None:
    answer = ask(site, "/fails?x=<script>", HTTP_X_EVIL="<script>alert(2)</script>")

    assert Tags(answer.text).scripts == 1 + 1  # the page's own, and live reload
    assert "&lt;script&gt;alert(1)" in answer.text


def test_the_pages_load_nothing_from_elsewhere(site: DevelopmentPages) -> None:
    for target in ("/fails", "/nowhere"):
        answer = ask(site, target)
        own = ("/", "data:", "vscode://file/")  # a link to the editor loads nothing
        assert all(each.startswith(own) for each in Tags(answer.text).loads)
        assert "default-src 'none'" in answer.fields["Content-Security-Policy"]


def test_secrets_are_masked_by_name_and_by_value(
    site: DevelopmentPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "the-key-of-the-site")
    answer = ask(
        site,
        "/fails?token=in-the-query",
        HTTP_COOKIE="session=in-the-cookie; theme=in-the-theme",
        HTTP_AUTHORIZATION="Bearer in-the-header",
        HTTP_X_NOTE="the-key-of-the-site",
    )

    for secret in (SECRET, "in-the-query", "in-the-cookie", "in-the-theme", "in-the-header"):
        assert secret not in answer.text.replace(f'SECRET = "{SECRET}"', "")
    assert "the-key-of-the-site" not in answer.text
    assert "session=********" in answer.text


def test_a_client_that_does_not_name_html_gets_text(site: DevelopmentPages) -> None:
    answer = ask(site, "/fails", HTTP_ACCEPT="*/*")

    assert answer.fields["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("ValueError: <script>alert(1)</script>\n")
    assert ">   " in answer.text


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_what_an_error_came_from_is_shown_with_its_place(
    site: DevelopmentPages, accept: str
) -> None:
    text = unescape(ask(site, "/chained", HTTP_ACCEPT=accept).text)
    assert re.search(r"Caused by KeyError: 'missing' \(pages\.py:\d+\)", text)


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_the_members_of_a_group_are_shown_with_their_places(
    site: DevelopmentPages, accept: str
) -> None:
    text = unescape(ask(site, "/fails_as_a_group", HTTP_ACCEPT=accept).text)
    assert re.search(r"1 of 2 ValueError: first \(pages\.py:\d+\)", text)
    assert re.search(r"2 of 2 RuntimeError: second \(pages\.py:\d+\)", text)
    assert re.search(r"Caused by KeyError: 'deeper' \(pages\.py:\d+\)", text)


def test_an_error_above_the_views_is_not_blamed_on_one(tmp_path: Path) -> None:
    def broken(handler: Handler) -> Handler:
        return lambda request: exec("1 / 0")  # a layer without a file of its own

    application = Application([path("/", index)], middleware=[broken], debug=True)
    text = ask(DevelopmentPages(application, Path(__file__).parent), "/", HTTP_ACCEPT="*/*").text
    assert "ZeroDivisionError" in text
    assert "in index" not in text


def index(request: Request) -> str:
    """A view of the project, which a broken layer above it never reaches."""
    return ""


def test_a_page_as_text_gets_no_script(site: DevelopmentPages, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<body>\n{{ titel }}\n</body>", encoding="utf-8")
    answer = ask(site, "/templated?name=page.html", HTTP_ACCEPT="*/*")
    assert answer.fields["Content-Type"].startswith("text/plain")
    assert "<script" not in answer.text


def test_only_what_was_found_near_the_error_is_shown_in_order(tmp_path: Path) -> None:
    with OpenDirectory.at(tmp_path) as directory:
        found = [FoundProblem("views.py", line, f"in {line}") for line in (2, 9, 10, 100)]
        save_problems([*found, FoundProblem("models/note.py", 3, "m")], directory)
        assert problems_of({"views.py": range(1, 20)}, directory) == ["in 2", "in 9", "in 10"]
        assert problems_of({"models": None}, directory) == ["m"]


@pytest.mark.parametrize(
    ("template", "sentence", "place"),
    [
        ("undefined.html", "titel", "undefined.html:2"),
        ("broken.html", "endfi", "broken.html:2"),
        ("outer.html", "titel", "undefined.html:2"),
        ("nowhere.html", "nowhere.html", "pages.py"),
    ],
)
def test_an_error_of_a_template_is_shown_where_it_stands(
    site: DevelopmentPages, template: str, sentence: str, place: str
) -> None:
    answer = ask(site, f"/templated?name={template}")
    main = answer.text.partition('class="place">')[2].partition("</table>")[0]

    assert sentence in answer.text.partition("</h1>")[0]
    assert place in main
    if place.endswith(".html:2"):
        assert 'aria-current="true"' in main


OTHERS = [
    {"REMOTE_ADDR": "192.0.2.7"},
    {"HTTP_HOST": "evil.test"},
    {"HTTP_HOST": "localhost.evil.test"},
    {"HTTP_HOST": "127.0.0.1.evil.test"},
    {"HTTP_HOST": ""},
    {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    {"HTTP_FORWARDED": "for=192.0.2.7"},
]


@pytest.mark.parametrize("environ", OTHERS, ids=str)
def test_others_see_the_projects_own_pages(site: DevelopmentPages, environ: dict[str, str]) -> None:
    failed, missing = ask(site, "/fails", **environ), ask(site, "/nowhere", **environ)

    assert "the project's own 500" in failed.text
    assert "the project's own 404" in missing.text
    for answer in (failed, missing):
        assert "pages.py" not in answer.text
        assert "notes" not in answer.text


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTP_HOST": "127.0.0.1"},
        {"HTTP_HOST": "[::1]:8000", "REMOTE_ADDR": "::1"},
        {"HTTP_HOST": "app.localhost:8000"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1"},
    ],
    ids=str,
)
def test_this_machine_is_this_machine(environ: dict[str, str]) -> None:
    assert is_local({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", **environ})


def test_the_missing_page_lists_the_nearest_routes_with_their_reasons(
    site: DevelopmentPages,
) -> None:
    answer = ask(site, "/notes/abc")

    assert answer.status == 404
    assert "&#39;abc&#39; is not an int" in answer.text
    assert answer.text.index("/notes/&lt;int:id&gt;") < answer.text.index("<td>/")
    assert "exists for POST" in ask(site, "/make/").text
    assert "differs only by the final /" not in answer.text


def test_the_missing_page_says_who_may_use_a_route_where_routes_say(
    site: DevelopmentPages, tmp_path: Path
) -> None:
    site_that_says = Application(
        [path("/notes", lambda request: "", access=everybody), path("/note", lambda request: "")]
    )
    answer = ask(DevelopmentPages(site_that_says, tmp_path), "/nots")
    assert "Who</th>" in answer.text
    assert "<td>everybody</td>" in answer.text
    text = ask(DevelopmentPages(site_that_says, tmp_path), "/nots", HTTP_ACCEPT="*/*").text
    assert "/notes   everybody   'nots' is not 'notes'" in text
    assert "Who</th>" not in ask(site, "/nots").text


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/pge", "did you mean /page ?"),
        ("/notes/abc", "did you mean /notes/<int:id> ?"),
        ("/page/", "/page differs only by the final /"),
        ("/something/else/altogether", ""),
    ],
)
def test_the_terminal_gets_a_hint(site: DevelopmentPages, target: str, expected: str) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": target}

    assert hint(candidates(environ, site.application.router)) == expected


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_a_program_gets_the_projects_own_json_where_no_route_is(
    accept: str, content_type: str, tmp_path: Path
) -> None:
    def missing(request: Request, error: Exception) -> Response:
        return json_response({"status": 404}, 404)

    application = Application([], error_handlers={404: missing}, debug=True)
    answer = ask(DevelopmentPages(application, tmp_path), "/nowhere", HTTP_ACCEPT=accept)

    assert (answer.status, answer.fields["Content-Type"]) == (404, content_type)


def test_a_program_gets_the_routes_as_text_where_the_project_has_only_a_page(
    site: DevelopmentPages,
) -> None:
    answer = ask(site, "/nots", HTTP_ACCEPT="application/json")

    assert answer.fields["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("No route for GET /nots\n")


def test_an_address_that_exists_for_other_methods_has_the_same_page(
    site: DevelopmentPages,
) -> None:
    answer = ask(site, "/notes/7", REQUEST_METHOD="POST")

    assert (answer.status, answer.fields["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "<small>405 Method Not Allowed</small>No route for POST /notes/7" in answer.text
    text = html.unescape(answer.text)
    assert "/notes/7 takes GET." in text
    assert "<td>GET</td><td>/notes/<int:id></td><td>exists for GET</td>" in text
    assert 'path("/notes/<int:id>", notes.update, methods=["POST"]),' in text


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_what_helps_is_above_the_routes_and_the_far_ones_are_counted(
    tmp_path: Path, accept: str
) -> None:
    routes = [path(f"/part-{n}", index, name=f"part{n}") for n in range(299)]
    application = Application([*routes, path("/notes", index, name="notes")], debug=True)
    answer = ask(DevelopmentPages(application, tmp_path), "/nots", HTTP_ACCEPT=accept)
    text = html.unescape(re.sub("<style>.*</style>|<[^>]+>", "", answer.text, flags=re.S))
    heading, meant, line, table, more = (
        text.index(words)
        for words in (
            "No route for GET /nots",
            "Did you mean /notes",
            "To answer it",
            "/part-",
            "and 292 more: mtvgen routes",
        )
    )
    assert heading < meant < line < table < more
    assert 'path("/nots", nots.index),' in text


def test_others_see_the_projects_own_405(site: DevelopmentPages) -> None:
    answer = ask(site, "/make", HTTP_HOST="evil.test")

    assert answer.status == 405
    assert "/notes" not in answer.text


@pytest.mark.parametrize(
    ("target", "method", "hint"),
    [
        ("/make", "GET", "only POST"),
        ("/raises_not_found", "GET", "not this one"),
        ("/reads_the_form", "GET", "the query has no field 'day'"),
        ("/page", "DELETE", "only GET, HEAD"),
        ("/pge", "GET", "did you mean /page ?"),
    ],
)
def test_the_reason_of_a_refusal_is_for_the_terminal(
    site: DevelopmentPages, target: str, method: str, hint: str
) -> None:
    environ: dict[str, Any] = {}
    ask(site, target, environ, REQUEST_METHOD=method)

    assert environ["mtvgen.hint"] == hint


def test_a_fallback_of_the_projects_own_is_not_replaced(tmp_path: Path) -> None:
    def fallback(request: Request, error: Exception) -> Response:
        return Response("<body>one page for all</body>")

    application = Application([], error_handlers={404: fallback}, debug=True)
    answer = ask(DevelopmentPages(application, tmp_path), "/nowhere")

    assert (answer.status, "one page for all" in answer.text) == (200, True)


def test_not_found_of_a_view_is_the_projects_own_page(site: DevelopmentPages) -> None:
    assert "the project's own 404" in ask(site, "/raises_not_found").text


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("/", 'path("/", home.index),'),
        ("/notes", 'path("/notes", notes.index),'),
        ("/notes/7", 'path("/notes/<int:id>", notes.detail),'),
        ("/blog/archive/", 'path("/blog/archive/", blog.archive),'),
        ("/notes/7/edit", 'path("/notes/<int:id>/edit", notes.edit),'),
        ("/my-page", 'path("/my-page", my_page.index),'),
        ("/首页", 'path("/首页", home.index),'),
        ('/a"b', 'path("/a\\"b", a_b.index),'),
    ],
)
def test_the_line_to_paste(target: str, line: str) -> None:
    assert line_to_paste(target) == line


@pytest.mark.parametrize(
    ("target", "method", "pattern", "line"),
    [
        ("/notes", "POST", None, 'path("/notes", notes.create, methods=["POST"]),'),
        ("/notes/7", "DELETE", None, 'path("/notes/<int:id>", notes.delete, methods=["DELETE"]),'),
        ("/", "HEAD", None, 'path("/", home.index),'),
        ("/a/b", "PUT", "/a/<slug>", 'path("/a/<slug>", a.update, methods=["PUT"]),'),
        ("/a/b/edit", "POST", "/a/<slug>/edit",
         'path("/a/<slug>/edit", a.edit, methods=["POST"]),'),
    ],
)  # fmt: skip
def test_the_line_to_paste_has_the_method(
    target: str, method: str, pattern: str | None, line: str
) -> None:
    assert line_to_paste(target, method, pattern) == line


@pytest.mark.parametrize(
    ("target", "has_script"),
    [
        ("/page", True),
        ("/fragment", False),
        ("/streamed", False),
        ("/compressed", False),
        ("/raises_not_found", True),
        ("/fails", True),
        ("/nowhere", True),
    ],
)
def test_the_script_comes_into_whole_pages_only(
    site: DevelopmentPages, target: str, has_script: bool
) -> None:
    answer = ask(site, target)

    assert ('<script src="/__mtvgen__/live.js?7"></script>' in answer.text) is has_script
    if "Content-Length" in answer.fields:
        assert int(answer.fields["Content-Length"]) == len(answer.text.encode())


def test_another_frameworks_application_is_served_too() -> None:
    def lazy(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        yield b"<body></body>"

    def failing(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        raise ZeroDivisionError("elsewhere")

    assert ask(DevelopmentPages(lazy, Path("/")), "/").text == "<body></body>"
    assert "elsewhere" in ask(DevelopmentPages(failing, Path("/")), "/").text


def test_a_page_with_the_script_is_never_kept(site: DevelopmentPages) -> None:
    answer = ask(site, "/cached")

    assert answer.fields["Cache-Control"] == "no-store"
    assert "ETag" not in answer.fields


def test_the_answer_to_a_form_is_never_asked_for_again(site: DevelopmentPages) -> None:
    answer = ask(site, "/fails", REQUEST_METHOD="POST")

    assert answer.status in {404, 405}
    assert "live.js" not in answer.text
