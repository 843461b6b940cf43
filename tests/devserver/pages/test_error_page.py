"""What the error page says, and that its text says the same."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from mtvgen import MANUAL
from mtvgen.devserver.pages.editor_links import editor_link
from mtvgen.devserver.pages.middleware import DevelopmentPages
from mtvgen.runtime import Application, path
from mtvgen.runtime.models import Database, database_session
from tests.support.wsgi_calls import Answer, call

PROGRAM = """\
from mtvgen.runtime import Request, Response, render


def divides(request: Request) -> str:
    anzahl = {"größe": 0}
    return str("größe: " + str(1 / anzahl["größe"]))


def raises(request: Request) -> str:
    raise ValueError("as a whole")


def spans(request: Request) -> str:
    return str(
        int("1") + int(
            "two",
        )
    )


def walk(depth: int) -> int:
    return walk(depth + 1)


def recurses(request: Request) -> str:
    return str(walk(0))


def chained(request: Request) -> str:
    try:
        token = {}
        return token["missing"]
    except KeyError as error:
        raise RuntimeError("no such thing") from error


def grouped(request: Request) -> str:
    errors = []
    for name in ("first", "second", "third"):
        try:
            int(name)
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("three", errors)


def decorate(view):
    return view


@decorate
@decorate
def returns_none(request: Request) -> None:
    pass


def index(request: Request) -> str:
    return "index"


def needs_text(request: Request) -> str:
    return request.form["text"]


def asks_day(request: Request) -> str:
    return request.query["day"]


def misspelt(request: Request) -> str:
    return render(request, "pge.html")


def not_imported(request: Request) -> str:
    import views_of_nobody


def before(handler):
    def layer(request: Request) -> Response:
        if request.path == "/index":
            raise LookupError("too early")
        return handler(request)
    return layer


def after(handler):
    def layer(request: Request) -> Response:
        response = handler(request)
        if request.path == "/returned":
            raise LookupError("too late")
        return response
    return layer
"""

VIEWS = (
    "divides", "raises", "spans", "recurses", "chained", "grouped", "returns_none", "index",
    "needs_text", "asks_day", "misspelt", "not_imported",
)  # fmt: skip


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    (tmp_path / "page.html").write_text("<p>page</p>", encoding="utf-8")
    (tmp_path / "site.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    names = runpy.run_path(str(tmp_path / "site.py"), run_name="views")
    routes = [path(f"/{name}", names[name], methods=["GET", "POST"]) for name in VIEWS]
    routes.append(path("/returned", names["index"], name="returned"))
    layers = [names["before"], names["after"]]
    application = Application(routes, templates=tmp_path, middleware=layers, debug=True)
    pages = DevelopmentPages(application, tmp_path)
    return lambda target, **more: visit(pages, target, **more)


def visit(site: Any, target: str, *, accept: str = "text/html", **more: Any) -> Answer:
    """What a browser of this machine gets; with another `accept`, what a program gets."""
    headers = {"Host": "localhost:8000", "Accept": accept, **more.pop("headers", {})}
    method = more.pop("method", "GET")
    return call(site, method, target, headers=headers, REMOTE_ADDR="127.0.0.1", **more)


def marked(page: Answer) -> list[str]:
    """What is underlined in the source that is shown first."""
    table = page.text.partition('class="code"')[2].partition("</table>")[0]
    return [unescape(text) for text in re.findall("<mark>(.*?)</mark>", table)]


@pytest.mark.parametrize(
    ("target", "expressions"),
    [
        ("/divides", ['1 / anzahl["größe"]']),
        ("/raises", []),  # the whole line is marked already
        ("/spans", ["int(", '"two",', ")"]),
        ("/asks_day", ['request.query["day"]']),
    ],
)
def test_the_expression_that_failed_is_underlined(
    ask: Callable[..., Answer], target: str, expressions: list[str]
) -> None:
    assert marked(ask(target)) == expressions


def test_the_text_has_carets_below_the_expression(ask: Callable[..., Answer]) -> None:
    lines = ask("/divides", accept="*/*").text.splitlines()
    failed = next(number for number, line in enumerate(lines) if line.startswith(">"))
    begin = lines[failed].index("1 / anzahl")
    assert lines[failed + 1] == " " * begin + "^" * len('1 / anzahl["größe"]')


def test_a_recursion_shows_each_place_once_with_how_often(ask: Callable[..., Answer]) -> None:
    text = ask("/recurses", accept="*/*").text
    assert re.search(r"^site\.py:\d+ in walk \(9\d\d times\)$", text, re.M)
    assert re.search(r"^site\.py:\d+ in recurses$", text, re.M)
    assert len(ask("/recurses").text) < 60_000


def test_a_cause_has_its_place_its_source_and_its_values(ask: Callable[..., Answer]) -> None:
    page = unescape(ask("/chained").text)
    cause = page.partition("Caused by")[2].partition("</h2>")[2].partition("<h2")[0]
    assert '<mark>token["missing"]</mark>' in cause
    assert "site.py:" in cause
    assert "<code>errors" not in cause


def test_the_members_of_a_group_have_theirs(ask: Callable[..., Answer]) -> None:
    page = unescape(ask("/grouped").text)
    for number in ("1 of 3", "2 of 3", "3 of 3"):
        member = page.partition(number)[2].partition("</h2>")[2].partition("<h2")[0]
        assert "int(name)" in member
        assert 'class="failed"' in member


@pytest.mark.parametrize(
    ("target", "stage", "line"),
    [
        ("/index", "Before the view: the request had not reached one.", 'LookupError("too early")'),
        ("/returned", "After the view: views.index had returned.", 'LookupError("too late")'),
        ("/returns_none", "After the view: views.returns_none had returned.", "def returns_"),
        ("/divides", "", "1 / anzahl"),
        ("/raises", "", "as a whole"),
    ],
)
def test_an_error_beside_the_view_says_so_and_marks_the_line(
    ask: Callable[..., Answer], target: str, stage: str, line: str
) -> None:
    page = unescape(ask(target).text)
    failed = re.sub("</?mark>", "", page.partition('<tr class="failed"')[2].partition("</tr>")[0])
    assert line in failed
    assert stage in page if stage else 'class="stage"' not in page
    assert stage in ask(target, accept="*/*").text


def test_an_error_at_the_commit_came_after_the_view(tmp_path: Path) -> None:
    program = (
        "from sqlalchemy import text\n\n\ndef writes(request):\n"
        '    request.db.execute(text("INSERT INTO child VALUES (7)"))\n    return "written"\n'
    )
    (tmp_path / "late.py").write_text(program)
    view = runpy.run_path(str(tmp_path / "late.py"))["writes"]
    database = Database(f"sqlite:///{tmp_path}/db.sqlite3")
    with database.session() as db:
        db.connection().exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        db.connection().exec_driver_sql(
            "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )
        db.commit()
    layers = [database_session(database)]
    routes = [path("/", view, methods=["POST"])]
    application = Application(routes, middleware=layers, debug=True)
    pages = DevelopmentPages(application, tmp_path)
    text = visit(pages, "/", accept="*/*", method="POST").text
    assert "FOREIGN KEY constraint failed" in text
    assert "had returned." in text
    assert "\n>    4 def writes(request):\n" in text


@pytest.mark.parametrize(
    ("target", "heading", "cure"),
    [
        ("/misspelt", "'pge.html' (site.py:", "Did you mean 'page.html'? Otherwise create"),
        ("/not_imported", "No module named 'views_of_nobody'", "pip install views_of_nobody"),
    ],
)
def test_what_to_do_has_its_own_box(
    ask: Callable[..., Answer], target: str, heading: str, cure: str
) -> None:
    page = unescape(ask(target).text)
    above = page.partition("<h1")[2].partition("</h1>")[0]
    box = page.partition('class="hint"')[2].partition("</section>")[0]
    assert heading in above
    assert cure in box
    assert cure not in above
    assert f"{cure}" in ask(target, accept="*/*").text


def test_the_page_has_one_button_next_to_its_heading(ask: Callable[..., Answer]) -> None:
    page = ask("/divides").text
    assert page.count("<button") == 1
    assert page.index("</h1>") < page.index("<button") < page.index('class="place"')
    # Without JavaScript it would do nothing.
    assert 'id="copy" hidden' in page


def test_a_missing_field_shows_what_came_without_secrets(ask: Callable[..., Answer]) -> None:
    body = b"txt=Milk&password=hunter2-hunter2&csrf_token=abcdefgh12345"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = ask("/needs_text", method="POST", body=body, headers=form)
    page = unescape(answer.text)
    assert answer.status == 400
    assert "the form has no field 'text'" in page
    assert marked(answer) == ['request.form["text"]']
    assert "Did you mean 'txt'? Sent were: txt, password, csrf_token." in page
    fields = page.partition("The fields of the form")[2].partition("</table>")[0]
    assert "'Milk'" in fields
    assert "********" in fields
    assert "hunter2" not in page
    assert "abcdefgh12345" not in page


def test_a_missing_field_of_the_query_does_too(ask: Callable[..., Answer]) -> None:
    assert "Sent were: when." in unescape(ask("/asks_day?when=7").text)
    assert "Did you mean 'dya'? Sent were: dya." in ask("/asks_day?dya=7", accept="*/*").text
    assert "No field was sent." in ask("/asks_day").text


def test_others_get_the_projects_own_400(ask: Callable[..., Answer]) -> None:
    page = ask("/asks_day", headers={"Host": "example.test"}).text
    assert "asks_day" not in page


@pytest.mark.parametrize("target", [f"/{name}" for name in VIEWS] + ["/returned?token=a1b2c3d4e5"])
def test_the_page_and_its_text_say_the_same(ask: Callable[..., Answer], target: str) -> None:
    page = ask(target, headers={"X-Note": "n"}).text
    copied = page.partition('<pre id="text">')[2].partition("</pre>")[0]
    shown = words(unescape(re.sub("<[^>]+>", "", page.replace(copied, ""))))
    text = unescape(copied)
    curl = ask(target, accept="*/*", headers={"X-Note": "n"}).text
    assert without_varying(curl) == without_varying(text)
    for fact in facts(page):
        assert fact in words(text), fact
    for line in text.splitlines():
        said = re.sub(r"^Hint: | \(site\.py:\d+\)$", "", line.lstrip(">").strip(" ^"))
        for fact in re.split(r" = |: ", said, maxsplit=1):
            assert words(fact.strip(" 0123456789")) in shown or "of mtvgen" in line, line
    assert MANUAL in unescape(page)


def facts(page: str) -> Iterator[str]:
    """What the cells and the boxes of the page say."""
    visible = page.partition("<main>")[2].partition('<pre id="text">')[0]
    for cell in re.findall(r"<(?:td|pre|p class=\"stage\")[^>]*>(.*?)</", visible, re.S):
        if cell.strip() and "<" not in cell:
            yield words(unescape(cell))


def words(text: str) -> str:
    """A text with one blank for each run of them."""
    return " ".join(text.split())


def without_varying(text: str) -> str:
    """A report without addresses of objects, and what differs by the call."""
    return re.sub(r"0x[0-9a-f]+|\d+ times|depth = \d+|Accept: .*", "", text)


@pytest.mark.parametrize(
    ("template", "link"),
    [
        (None, "vscode://file/srv/my%20site/urls.py:9"),
        ("", "vscode://file/srv/my%20site/urls.py:9"),
        ("none", ""),
        ("pycharm://open?file={path}&line={line}",
         "pycharm://open?file=/srv/my%20site/urls.py&line=9"),
        ("subl://open?url=file://{path}&line={line}",
         "subl://open?url=file:///srv/my%20site/urls.py&line=9"),
        ("zed://file{path}:{line}", "zed://file/srv/my%20site/urls.py:9"),
        ("javascript:alert('{path}')", ""),
        ("javascript://{path}%0aalert(1)", ""),
        ("https://evil.test/{path}", ""),
        ("code", ""),
    ],
)  # fmt: skip
def test_the_editor_of_the_developer_opens_at_the_line(
    monkeypatch: pytest.MonkeyPatch, template: str | None, link: str
) -> None:
    if template is None:
        monkeypatch.delenv("MTVGEN_EDITOR", raising=False)
    else:
        monkeypatch.setenv("MTVGEN_EDITOR", template)
    assert editor_link("/srv/my site/urls.py", 9) == link


def test_a_place_without_a_path_has_no_link() -> None:
    assert editor_link("<string>", 1) == ""


def test_the_page_links_to_the_editor(ask: Callable[..., Answer], tmp_path: Path) -> None:
    assert f'href="vscode://file{tmp_path}/site.py:6"' in ask("/divides").text
