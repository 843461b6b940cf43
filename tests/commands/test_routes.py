"""`mtvgen routes`: the table, where a URL leads, and why it leads nowhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

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
    return subprocess.run(
        [sys.executable, "-m", "mtvgen", "routes", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={"SECRET_KEY": "x" * 40, "ALLOWED_HOSTS": "localhost"},
    )


def test_an_application_inside_other_wsgi_middleware_is_found(root):
    wrapped = WSGI.replace("application =", "site =") + "application = lambda *call: site(*call)\n"
    (root / "wsgi.py").write_text(wrapped)

    assert routes(root).stdout.splitlines()[1].split()[:3] == ["GET", "/", "home"]


def test_a_wsgi_py_without_an_application_of_mtvgen_says_so(root):
    (root / "wsgi.py").write_text("def application(environ, start_response): ...\n")

    assert "there is no Application in it" in routes(root).stderr


def test_the_table_of_routes(root):
    assert routes(root).stdout.splitlines() == [
        "METHOD   PATH                  NAME     VIEW           FILE",
        "GET      /                     home     views.index    views.py:1",
        "GET      /notes                notes    views.index    views.py:1",
        "POST     /notes                notes    views.create   views.py:5",
        "GET      /notes/<int:id>       note     views.detail   views.py:9",
        "GET      /static/<path:name>   static   (built in)",
    ]


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
