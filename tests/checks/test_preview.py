"""A run for the open files first: what they have is known, and pages that nobody sees can wait."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.interpreter.recording import Entry
from mtvgen.lsp.workspace.engine import Engine

PAGES = 12
MACROS = """{% macro field(name) %}<input name="{{ name }}">{% endmacro %}
{% macro row(thing) %}<p>{{ thing.name }}</p>{% endmacro %}
"""
PAGE = """{% extends "base.html" %}{% from "_macros.html" import field, row %}
{% block content %}{{ field("a") }}{{ row(thing) }}{% endblock %}
"""
BASE = "<title>{{ title }}</title>{% block content %}{% endblock %}\n"
WSGI = """from pathlib import Path
from mtvgen.runtime import Application
from urls import urlpatterns
application = Application(urlpatterns, templates=Path(__file__).parent / "templates")
"""
VIEW = """
def page{0}(request: Request) -> Response:
    return render(request, "page{0}.html", title="a", thing={1})
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A site of some pages that share a layout and macros; one passes a thing without a name."""
    root = tmp_path.resolve()
    (root / "templates").mkdir()
    (root / "views.py").write_text(
        "from mtvgen.runtime import Request, Response, render\n\n\n"
        "class Thing:\n    name = 'a'\n\n\nclass Other:\n    title = 'a'\n\n"
        + "".join(VIEW.format(n, "Other()" if n == PAGES - 1 else "Thing()") for n in range(PAGES))
    )
    paths = "".join(f"path('/{n}', views.page{n}), " for n in range(PAGES))
    (root / "urls.py").write_text(
        f"from mtvgen.runtime import path\nimport views\nurlpatterns = [{paths}]\n"
    )
    (root / "wsgi.py").write_text(WSGI)
    files = {"base": BASE, "_macros": MACROS, **{f"page{n}": PAGE for n in range(PAGES)}}
    for name, text in files.items():
        (root / f"templates/{name}.html").write_text(text)
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()
    engine.check()
    assert told(engine) == ["templates/_macros.html:2 templates.unknown-attribute"]
    return engine


def told(engine: Engine) -> list[str]:
    return sorted(f"{one.file}:{one.line} {one.id}" for one in engine.problems)


def current_pages(cache: Cache) -> int:
    assert cache.interpreter is not None
    results = cache.interpreter.results
    return sum(results.get(Entry(f"page{number}.html")) is not None for number in range(PAGES))


def type_in(engine: Engine, file: str, change: Callable[[str], str]) -> list[str]:
    """Change a text and check; returns what is shown before the rest is checked."""
    path = engine.root / file
    engine.texts.put(path, change(engine.texts.text(path) or path.read_text()), typed=True)
    first: list[list[str]] = []
    pages: list[int] = []

    def show() -> None:
        first.append(told(engine))
        pages.append(current_pages(engine.cache))

    engine.check(show=show)
    assert current_pages(engine.cache) == PAGES
    assert not pages or max(pages) <= 3  # of 12
    assert len(first) == 1
    return first[0]


@pytest.mark.parametrize(
    ("file", "mistake", "found"),
    [
        ("templates/base.html", "{{ nobody }}", "templates/base.html:1 views.missing-name"),
        (
            "templates/base.html",
            "{{ url_for('no') }}",
            "templates/base.html:1 templates.unknown-route",
        ),
        (
            "templates/_macros.html",
            "{% macro m() %}{{ nobody.x }}{% endmacro %}{{ m() }}",
            "templates/_macros.html:1 templates.no-context",
        ),
    ],
    ids=["name", "route", "macro"],
)
def test_a_mistake_in_what_all_share_is_known_before_all_pages_are_walked(
    engine, file, mistake, found
):
    shown = type_in(engine, file, lambda text: f"{mistake}{text}")
    assert shown == told(engine)
    kept = "templates/_macros.html:2 templates.unknown-attribute"
    assert kept in shown
    assert found in shown
    assert type_in(engine, file, lambda text: text.replace(mistake, "")) == [kept]
    assert told(engine) == [kept]


def test_a_text_in_macros_is_known_before_the_forms_of_all_pages_are_read(engine):
    macros = engine.root / "templates/_macros.html"
    engine.texts.put(macros, MACROS.replace("<input", "<br><input"), typed=True)
    kept = dict(engine.cache.forms.parts)
    read: list[int] = []

    def show() -> None:
        parts = engine.cache.forms.parts
        read.append(sum(parts[name] is not part for name, part in kept.items()))

    engine.check(show=show)

    assert len(kept) > PAGES
    assert len(read) == 1
    assert read[0] <= 3  # and not all that import them
    assert all(
        engine.cache.forms.parts[f"page{n}.html"] is not kept[f"page{n}.html"] for n in range(PAGES)
    )


def test_a_problem_that_one_page_alone_has_stays_and_moves(engine):
    shown = type_in(engine, "templates/_macros.html", lambda text: f"\n{text}")
    assert shown == told(engine) == ["templates/_macros.html:3 templates.unknown-attribute"]


def test_a_problem_that_one_page_alone_has_goes_when_it_is_fixed(engine):
    shown = type_in(engine, "templates/_macros.html", lambda text: text.replace("thing.name", "1"))
    assert shown == told(engine) == []


def test_a_run_that_ends_in_the_middle_is_begun_again(engine):
    path = engine.root / "templates/_macros.html"
    path_text = path.read_text()
    steps = iter(range(1000))

    class Typed(BaseException):
        """A key."""

    def pause() -> None:
        if engine.is_previewed and next(steps) > 40:
            raise Typed

    for number in range(3):
        # What a page is asked about is another each time: lines that have moved alone ask nothing.
        text = path_text.replace("thing.name", f"thing.name ~ {number}")
        engine.texts.put(path, "\n" * number + text, typed=True)
        with pytest.raises(Typed):
            engine.check(pause, show=lambda: None)
    assert told(engine) == ["templates/_macros.html:4 templates.unknown-attribute"]
    engine.check()
    assert told(engine) == ["templates/_macros.html:4 templates.unknown-attribute"]
