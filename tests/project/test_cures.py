"""What a message says to write instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mtvgen import runtime
from mtvgen.project.cures import suggest_fix
from mtvgen.project.tracebacks import sentence
from mtvgen.runtime import Application, Request, path
from mtvgen.runtime.support.other_frameworks import FROM_ELSEWHERE, WITH_REQUEST
from mtvgen.runtime.testing import Client

VIEW = "a view takes the request, then one argument for each <parameter> of its path"


A_MODEL = """\
from mtvgen.runtime.models import Model
class Note(Model):
    __abstract__ = True
"""
CALLED_AT_IMPORT = """\
from mtvgen.runtime import path
class events:
    def index(request): pass
urlpatterns = [
    path("/events", events.index()),
]
"""


def error_of(source: str, file: Path) -> Exception:
    """What a module of the project raises at its import."""
    file.write_text(source, encoding="utf-8")
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whichever it is
        exec(compile(source, str(file), "exec"), {})
    return raised.value


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ("from mtvgen.runtime import url_for", 'request.url_for("...")'),
        ("from mtvgen.runtime import render_template", 'render(request, "page.html"'),
        ("from mtvgen.runtime import jsonify", "return a dict or a list"),
        (
            "from mtvgen.runtime import request\nrequest.form",
            "the request is the first argument of each view",
        ),
        ("from mtvgen.runtime import flash\nflash('Saved.')", 'flash(request, "Saved.")'),
        ("from mtvgen.runtime import flash\nflash('Saved.', 'info')", 'flash(request, "Saved.")'),
        ("from mtvgen.runtime import render\nrender('a.html', a=1)", "render(request, "),
        ("from mtvgen.runtime import render\nrender('a.html', {'a': 1})", "render(request, "),
        ("abort(404)", "raise NotFound()"),
        ("db.session.commit()", "request.db"),
        ("session['user'] = 1", "request.session"),
        ("@app.route('/')\ndef index(): pass", 'path("/about", home.about) in urls.py'),
        (
            A_MODEL + "Note.query.all()",
            "request.db.scalars(select(Note))",
        ),
        (
            A_MODEL + "Note.objects",
            "request.db.scalars(select(Note))",
        ),
        (
            A_MODEL + "Note().save()",
            "request.db.add(note)",
        ),
        (
            A_MODEL + "Note().delete()",
            "request.db.delete(note)",
        ),
        (
            CALLED_AT_IMPORT,
            "path() takes the function itself: events.index without ()",
        ),
    ],
)
def test_a_slip_of_who_comes_from_elsewhere_is_told_with_its_cure(
    source: str, cure: str, tmp_path: Path
) -> None:
    error = error_of(source, tmp_path / "urls.py")

    assert cure in suggest_fix(error)
    assert f" -> {cure}" in sentence(error)


@pytest.mark.parametrize(
    "source",
    [
        "from mtvgen.runtime import no_such_name",
        "from json import jsonify",
        "def flash(request, message): pass\nflash('Saved.')",
        "def view(request): pass\nview()",
        "len(1, 2)",
        "''.app",
        "''.save",
        "def read():\n    print(session)\n    session = 1\nread()",
    ],
)
def test_an_error_of_ones_own_is_left_alone(source: str, tmp_path: Path) -> None:
    assert suggest_fix(error_of(source, tmp_path / "own.py")) == ""


def failure_of(view: Callable[..., object]) -> BaseException:
    """What the application hands to the server."""
    application = Application([path("/notes/<int:id>", view)])
    found: list[BaseException] = []

    def server(status: str, fields: list[tuple[str, str]], exc_info: tuple) -> None:  # type: ignore[type-arg]
        found.append(exc_info[1])

    application({"REQUEST_METHOD": "GET", "PATH_INFO": "/notes/7"}, server)  # type: ignore[arg-type]
    return found[0]


def test_a_name_that_is_near_an_undefined_one_is_told(tmp_path: Path) -> None:
    source = "notes = []\ndef index(request):\n    return nots\nindex(None)"
    told = sentence(error_of(source, tmp_path / "views.py"))
    assert told == "NameError: name 'nots' is not defined. Did you mean 'notes'?"


def test_the_arguments_of_a_view_are_told_where_the_router_calls_it() -> None:
    def detail(request: Request) -> str:
        return ""

    assert suggest_fix(failure_of(detail)) == f"def detail(request, id): {VIEW}"


def test_they_are_not_told_for_a_call_inside_the_view() -> None:
    def helper(one: int) -> str:
        return str(one)

    def detail(request: Request, id: int) -> str:
        return helper()  # type: ignore[call-arg]

    assert suggest_fix(failure_of(detail)) == ""


def test_what_is_advised_can_be_imported() -> None:
    advised = [advice for advice in FROM_ELSEWHERE.values() if advice.startswith("from ")]
    assert advised
    for advice in advised:
        exec(advice, {})


@pytest.mark.parametrize("name", WITH_REQUEST)
def test_a_function_that_wants_the_request_is_public(name: str) -> None:
    assert name in runtime.__all__


@pytest.mark.parametrize(
    ("attribute", "cure"),
    [("args", "request.query"), ("POST", "request.form")],
)
def test_what_another_frameworks_request_has_is_told_with_what_it_is_here(attribute, cure):
    error = failure_of(lambda request, id: getattr(request, attribute))
    assert suggest_fix(error).startswith(cure)


def test_a_decorator_without_its_brackets_is_told():
    def login_required(role):
        def decorate(view):
            return view

        return decorate

    application = Application([path("/<int:id>", login_required("staff"), name="x")])
    with pytest.raises(TypeError) as raised:
        Client(application).get("/7")
    assert suggest_fix(raised.value).startswith("test_a_decorator_without")
    assert suggest_fix(raised.value).endswith("login_required lacks its brackets")


def test_brackets_behind_a_decorator_are_no_matter_of_path(tmp_path):
    source = "from mtvgen.runtime import path\ndef guard(view): pass\n@guard()\ndef v(r): pass\n"
    assert suggest_fix(error_of(source, tmp_path / "urls.py")) == ""
