"""The pages that people see when something is wrong: each a site and a request to it."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mtvgen.devserver.pages.middleware import DevelopmentPages
from mtvgen.devserver.pages.placeholder_apps import BrokenProject
from mtvgen.project.loading import Project, load_application
from mtvgen.runtime import Application, Request, path
from mtvgen.runtime.models import Database, database_session

VIEWS = """\
from dataclasses import dataclass

from mtvgen.runtime import NotFound, Request, Response, render
from sqlalchemy import text


@dataclass
class Account:
    name: str
    password: str
    api_key: str


def in_a_view(request: Request) -> str:
    prices = {"apple": 3, "a rather long name of something that is sold by the dozen": 0}
    shares = [sum(prices.values()) / price for price in prices.values()]
    return str(shares)


def in_a_template(request: Request) -> Response:
    return render(request, "notes.html", notes=["Milk", "Bread"])


def with_secrets(request: Request) -> str:
    account = Account("ada", "correct-horse-battery", "sk_live_0123456789abcdef")
    raise ValueError(f"{account} can't log in")


def chained(request: Request) -> str:
    try:
        return {"title": "Milk"}["titel"]
    except KeyError as error:
        raise RuntimeError("the note can't be shown") from error


def in_a_group(request: Request) -> str:
    errors = []
    for word in ("one", "two", "three"):
        try:
            int(word)
        except ValueError as error:
            errors.append(error)
    raise ExceptionGroup("some words are not numbers", errors)


def depth_of(tree: dict) -> int:
    return 1 + depth_of(tree)


def recursive(request: Request) -> str:
    return str(depth_of({}))


def at_commit(request: Request) -> str:
    request.db.execute(text("INSERT INTO child VALUES (7)"))
    return "written"


def missing_migration(request: Request) -> str:
    return str(request.db.execute(text("SELECT title FROM note")).all())


def after_the_view(request: Request) -> None:
    request.query.get("q")


def missing_field(request: Request) -> str:
    return request.form["text"]


def above_the_view(handler):
    def count_words(request: Request) -> Response:
        if request.path == "/below_a_middleware":
            return handler(request.words)
        return handler(request)

    return count_words
"""
TEMPLATE = "<h1>Notes</h1>\n{% for note in notes %}\n<p>{{ nota }}</p>\n{% endfor %}\n"

THREE_MISTAKES = """\
from mtvgen.runtime import path
from views import home

urlpatterns = [
    path("/notes/<itn:id>", home.index),
    path("/about", home.index, name="about"),
    path("/imprint", home.index, name="about"),
    path("contact", home.index),
]
"""


@dataclass(frozen=True)
class Shown:
    """A page, by the request that is answered with it."""

    name: str
    site: Callable[..., Any]
    target: str
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def pages_of_errors(directory: Path) -> list[Shown]:
    """The error page, for each way in which a request can go wrong."""
    (directory / "notes.html").write_text(TEMPLATE, encoding="utf-8")
    (directory / "views.py").write_text(VIEWS, encoding="utf-8")
    names = runpy.run_path(str(directory / "views.py"), run_name="views")
    database = Database(f"sqlite:///{directory}/db.sqlite3")
    with database.session() as db:
        connection = db.connection()
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )
        db.commit()
    views = [
        "in_a_view", "in_a_template", "with_secrets", "chained", "in_a_group", "recursive",
        "after_the_view", "missing_migration",
    ]  # fmt: skip
    posted = {"at_commit": b"", "missing_field": b"txt=Milk&password=hunter2-hunter2"}
    routes = [path(f"/{name}", names[name]) for name in views]
    routes += [path(f"/{name}", names[name], methods=["POST"]) for name in posted]
    layers = [names["above_the_view"], database_session(database)]
    application = Application(routes, templates=directory, middleware=layers, debug=True)
    site = DevelopmentPages(application, directory, live=False)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "session=abcdef0123456"}
    return [
        *(Shown(name, site, f"/{name}", headers=form) for name in [*views, "below_a_middleware"]),
        *(Shown(name, site, f"/{name}", "POST", body, form) for name, body in posted.items()),
    ]


def pages_of_broken_projects(directory: Path) -> list[Shown]:
    """The error page of projects that can't be loaded."""
    syntax = directory / "syntax"
    syntax.mkdir()
    broken = syntax / "urls.py"
    broken.write_text('from views import home\n\nurlpatterns = [\n    path("/", home.index\n')
    try:
        compile(broken.read_text(), str(broken), "exec")
    except SyntaxError as error:
        syntax_error: BaseException = error
    mistakes = directory / "mistakes"
    for name, text in {
        "urls.py": THREE_MISTAKES,
        "wsgi.py": "from mtvgen.runtime import Application\nfrom urls import urlpatterns\n"
        "application = Application(urlpatterns)\n",
        "views/__init__.py": "",
        "views/home.py": 'def index(request):\n    return "home"\n',
    }.items():
        (mistakes / name).parent.mkdir(parents=True, exist_ok=True)
        (mistakes / name).write_text(text)
    return [
        Shown("syntax_error", _broken(syntax_error, syntax), "/"),
        Shown("three_mistakes", _broken(_error_of_loading(mistakes), mistakes), "/"),
    ]


def _broken(error: BaseException, root: Path) -> DevelopmentPages:
    return DevelopmentPages(BrokenProject(error), root, live=False)


def _error_of_loading(root: Path) -> BaseException:
    known = set(sys.modules)
    sys.path.insert(0, str(root))
    try:
        load_application(Project(root))
    except Exception as error:
        return error
    finally:
        sys.path.remove(str(root))
        for name in set(sys.modules) - known:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(root)):
                del sys.modules[name]
    raise AssertionError(f"{root} can be loaded")


def pages_of_routes(directory: Path) -> list[Shown]:
    """The 404 and the 405, with few and with many routes."""
    few, many = _site_of(10, directory), _site_of(300, directory)
    return [
        Shown("404_10_routes", few, "/nots/abc"),
        Shown("404_300_routes", many, "/nots/a-rather-long-name-of-a-page-that-is-nowhere"),
        Shown("405", few, "/notes/7", "DELETE"),
    ]


def _site_of(number: int, directory: Path) -> DevelopmentPages:
    def index(request: Request) -> str:
        return "index"

    routes = [path("/", index, name="home"), path("/notes", index, name="notes")]
    routes.append(path("/notes/<int:id>", index, name="note", methods=["GET", "POST"]))
    routes += [
        path(f"/shop/<slug>/part-{n}/<int:id>/edit", index, name=f"part{n}")
        for n in range(number - len(routes))
    ]
    return DevelopmentPages(Application(routes, debug=True), directory, live=False)


def pages_of_a_new_site(address: str) -> list[Shown]:
    """What a visitor of a new project in production reads.

    Args:
        address: Where it is served.
    """
    site = _forwarding_to(address)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    elsewhere = {**form, "Origin": "https://evil.test"}
    return [
        Shown("site_400", site, "/%ff"),
        Shown("site_403", site, "/notes", "POST", b"text=Milk", elsewhere),
        Shown("site_404", site, "/nowhere"),
        Shown("site_405", site, "/notes", "DELETE"),
        Shown("site_413", site, "/notes", "POST", b"text=" + b"a" * 2 * 1024 * 1024, form),
    ]


_REFUSED = 1024 * 1024  # bytes


def _forwarding_to(address: str) -> Callable[..., Any]:
    """A WSGI application that has a server answer, as a browser would ask it."""

    def forward(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        names = {"HTTP_ACCEPT": "Accept", "HTTP_ORIGIN": "Origin", "CONTENT_TYPE": "Content-Type"}
        headers = {names[key]: environ[key] for key in names.keys() & environ.keys()}
        body = environ["wsgi.input"].read(length)
        if length > _REFUSED:  # at once, by its length
            headers["Content-Length"], body = str(length), None
        target = quote(environ["PATH_INFO"], encoding="latin-1")
        connection.request(environ["REQUEST_METHOD"], target, body, headers)
        answer = connection.getresponse()
        kept = [pair for pair in answer.getheaders() if pair[0].lower() in ("content-type",)]
        start_response(f"{answer.status} {answer.reason}", kept)
        body = answer.read()
        connection.close()
        return [body]

    return forward
