"""`mtvgen routes`: the table, where a URL leads, and why it leads nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.errors import cut, width
from tests.support.forked_commands import mtvgen

URLS = """from mtvgen.runtime import path

import views

urlpatterns = [
    path("/", views.index, name="home"),
    path("/notes", views.index, name="notes"),
    path("/notes", views.create, name="notes", methods=["POST"]),
    path("/notes/<int:id>", views.detail, name="note"),
]
"""
VIEWS = """def index(request):
    return ""


def create(request):
    return ""


def detail(request, id):
    return ""
"""
WSGI = """from pathlib import Path

from mtvgen.runtime import Application

from urls import urlpatterns

print("made")
application = Application(urlpatterns, static=Path(__file__).parent)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, source in (("urls.py", URLS), ("views.py", VIEWS), ("wsgi.py", WSGI)):
        (tmp_path / name).write_text(source)
    return tmp_path


def routes(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"SECRET_KEY": "x" * 40, "ALLOWED_HOSTS": "localhost"}
    return mtvgen("routes", *arguments, cwd=root, env=environ)


def test_an_application_inside_other_wsgi_middleware_is_found(root):
    wrapped = WSGI.replace("application =", "site =") + "application = lambda *call: site(*call)\n"
    (root / "wsgi.py").write_text(wrapped)

    assert routes(root).stdout.splitlines()[1].split()[:3] == ["GET", "/", "home"]


def test_a_wsgi_py_without_an_application_of_mtvgen_says_so(root):
    (root / "wsgi.py").write_text("def application(environ, start_response): ...\n")

    assert routes(root).stderr == (
        "Error: wsgi.py has no Application, so nothing is known about routes."
        " -> write there: application = Application(urlpatterns)\n"
    )


def test_the_table_of_routes(root):
    assert routes(root).stdout.splitlines() == [
        "METHOD   PATH                  NAME     VIEW           FILE",
        "GET      /                     home     views.index    views.py:1",
        "GET      /notes                notes    views.index    views.py:1",
        "POST     /notes                notes    views.create   views.py:5",
        "GET      /notes/<int:id>       note     views.detail   views.py:9",
        "GET      /static/<path:name>   static   (built in)",
    ]


LONG = """
from mtvgen.runtime import path

import views

urlpatterns = [
    path("/products/<int:product>/reviews/<int:review>", views.index, name="products.review"),
    path("/中文/页面/很长的地址/一直到终端的边缘", views.index, name="页面.地址"),
    path("/products/<int:product>", views.index, name="product"),
]
"""


def in_a_terminal(root: Path, columns: int, *arguments: str) -> list[str]:
    """The lines of the command where a terminal is so many columns wide."""
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    environ = {"SECRET_KEY": "x" * 40, "ALLOWED_HOSTS": "localhost", "COLUMNS": str(columns)}
    command = [sys.executable, "-m", "mtvgen", "routes", *arguments]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            command, cwd=root, env=environ, stdin=its, stdout=its, stderr=subprocess.DEVNULL
        )
        os.close(its)
        printed = b""
        try:
            while data := terminal.read(4096):
                printed += data
        except OSError:  # how Linux says that the other end is closed
            pass
        process.wait(20)
    return printed.decode().splitlines()


@pytest.mark.parametrize("arguments", [[], ["/products/x"]], ids=["the table", "a miss"])
def test_a_line_ends_where_the_terminal_does(root, arguments):
    (root / "urls.py").write_text(LONG, encoding="utf-8")
    lines = in_a_terminal(root, 40, *arguments)

    assert len(lines) == len(routes(root, *arguments).stdout.splitlines())
    assert all(width(line) <= 40 for line in lines)
    assert any(line.endswith("...") for line in lines)


def test_columns_move_together_before_a_line_is_cut(root):
    assert in_a_terminal(root, 65) == routes(root).stdout.splitlines()
    assert (
        in_a_terminal(root, 64)[3]
        == "POST    /notes               notes   views.create  views.py:5"
    )


def test_what_is_piped_is_whole(root):
    (root / "urls.py").write_text(LONG, encoding="utf-8")
    assert "..." not in routes(root).stdout


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("views.py:10", 11, "views.py:10"),
        ("views.py:10", 10, "views.p..."),
        ("a   views.py", 7, "a..."),
        ("中文页面", 8, "中文页面"),
        ("中文页面", 7, "中文..."),
        ("中文页面", 6, "中..."),
        ("ab", 1, "..."),
    ],
)
def test_a_text_is_cut_by_its_columns(text, columns, shown):
    assert cut(text, columns) == shown


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["/notes/7"], "GET /notes/7  ->  note   views.detail(request, id=7)   views.py:9"),
        (["/notes"], "GET /notes  ->  notes   views.index(request)   views.py:1"),
        (
            ["/notes", "--method", "post"],
            "POST /notes  ->  notes   views.create(request)   views.py:5",
        ),
        (
            ["http://localhost:8000/notes/7?page=2#x"],
            "GET /notes/7  ->  note   views.detail(request, id=7)   views.py:9",
        ),
        (["http://localhost"], "GET /  ->  home   views.index(request)   views.py:1"),
        (["/static/a%20b.css"], "GET /static/a b.css  ->  static   (built in) name='a b.css'"),
    ],
)
def test_where_a_url_leads(root, arguments, line):
    done = routes(root, *arguments)

    assert (done.returncode, done.stdout) == (0, f"{line}\n")


def test_a_url_that_the_site_redirects_leads_where_it_ends(root):
    done = routes(root, "/notes/")

    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "GET /notes/  redirects to  /notes",
            "GET /notes  ->  notes   views.index(request)   views.py:1",
        ],
    )
    assert json.loads(routes(root, "/notes/", "--json").stdout)["redirect"] == "/notes"


def test_why_a_url_leads_nowhere(root):
    done = routes(root, "/notes/abc")

    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [
        "No route for /notes/abc",
        "  /notes/<int:id>   'abc' is not an int   urls.py:9",
    ]


def test_a_route_of_another_method(root):
    done = routes(root, "/notes/7", "--method", "DELETE")

    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [
        "No route for DELETE /notes/7",
        "  /notes/<int:id>   exists for GET   urls.py:9",
    ]


def test_nothing_is_near(root):
    done = routes(root, "/uvw/xyz/rst")

    assert (done.returncode, done.stdout) == (1, "No route for /uvw/xyz/rst\n")


def test_the_routes_as_json(root):
    listed = json.loads(routes(root, "--json").stdout)

    assert listed[3] == {
        "methods": ["GET", "HEAD"],
        "path": "/notes/<int:id>",
        "name": "note",
        "view": "views.detail",
        "file": "views.py:9",
        "route": "urls.py:9",
    }
    assert json.loads(routes(root, "/notes/7", "--json").stdout)["params"] == {"id": 7}
    assert json.loads(routes(root, "/notes/x", "--json").stdout)["candidates"][0]["reason"] == (
        "'x' is not an int"
    )


CLOSED_WSGI = """from mtvgen.runtime import Application
from mtvgen.runtime.accounts import accounts, signed_in
from urls import urlpatterns


class User:
    id = email = roles = key = sessions_valid_from = ended_sessions = None


application = Application(urlpatterns, middleware=[accounts(User, access=signed_in)])
"""
CLOSED_URLS = """from mtvgen.runtime import include, path
from mtvgen.runtime.accounts import everybody, role
import views

desk = [path("/<int:id>", views.detail, name="note", methods=["GET", "POST"])]
urlpatterns = [
    path("/login", views.index, name="accounts.log_in", access=everybody),
    path("/notes", views.index, name="notes"),
    include("/desk", desk, access=role("staff")),
]
"""


def test_on_a_site_with_accounts_the_table_says_who_may_use_what(root):
    (root / "urls.py").write_text(CLOSED_URLS)
    (root / "wsgi.py").write_text(CLOSED_WSGI)

    table, line, listed = in_one_process(root, [], ["/desk/7"], ["--json"])
    assert table.splitlines() == [
        "METHOD     PATH             WHO          NAME              VIEW           FILE",
        "GET        /login           everybody    accounts.log_in   views.index    views.py:1",
        "GET        /notes           signed in    notes             views.index    views.py:1",
        "GET,POST   /desk/<int:id>   role staff   note              views.detail   views.py:9",
    ]
    assert line == (
        "GET /desk/7  ->  note   role staff   views.detail(request, id=7)   views.py:9\n"
    )
    who = [route["who"] for route in json.loads(listed)]
    assert who == ["everybody", "signed in", "role staff"]


def in_one_process(root: Path, *calls: list[str]) -> list[str]:
    """What the command prints, called again and again."""
    script = (
        "import json; from click.testing import CliRunner; from mtvgen.cli import mtvgen\n"
        f"called = [CliRunner().invoke(mtvgen, ['routes', *call]) for call in {list(calls)!r}]\n"
        "print(json.dumps([one.stdout for one in called]))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    printed: list[str] = json.loads(done.stdout)
    return printed


@pytest.mark.parametrize("url", ["notes", "", "/%ff"])
def test_what_is_no_url_is_refused(root, url):
    done = routes(root, url)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_a_project_with_a_mistake_says_so(root):
    (root / "urls.py").write_text(URLS.replace("<int:id>", "<itn:id>"))

    done = routes(root)

    assert done.returncode == 1
    assert "Error: urls.py:9: '/notes/<itn:id>': no converter 'itn'." in done.stderr
