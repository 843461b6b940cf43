"""In a large template completion answers from what was read when typing rested."""

from __future__ import annotations

import pytest

from mtvgen.lsp.completion.template_completion import complete_in_template
from mtvgen.lsp.features.hover import hover
from mtvgen.lsp.features.inlay_hints import inlay_hints
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.open_texts import LARGE
from tests.checks.seed_project import write_project

PAGE = "templates/about.html"
LINE = "<p>{{ title }}</p>\n"
LOOP = (
    "{% for year in [2025, 2026] %}\n<b>{{ crumb.label }}</b>\n{% set own = crumb %}{% endfor %}\n"
)
BODY = f"{LINE * 1500}{LOOP}{LINE}"
TEXT = f'{{% extends "base.html" %}}\n{{% block content %}}\n{BODY}{{% endblock %}}\n'


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A site of which a large page is open, and typing rests."""
    root = tmp_path_factory.mktemp("site").resolve()
    write_project(root)
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()
    engine.texts.put(root / PAGE, TEXT, typed=False)
    engine.check()
    engine.prepare(lambda: None)
    assert len(TEXT) > LARGE
    return engine


def here_after(engine: Engine, old: str, new: str, at: str) -> Here:
    """Type something; returns the place behind a text."""
    text = TEXT.replace(old, new, 1)
    engine.texts.put(engine.root / PAGE, text, typed=True)
    return Here(engine, engine.root / PAGE, text, text.index(at) + len(at))


def offered(here: Here) -> set[str]:
    completion = complete_in_template(here)
    return {one.label for one in completion.suggestions} if completion is not None else set()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("{{ crumb.", {"label", "url"}),
        ("{{ ye", {"year", "loop", "crumb", "title"}),
        ("{% if crumb %}\n{{ crumb.", {"label", "url"}),
    ],
    ids=["attributes", "names", "more lines"],
)
def test_what_is_typed_is_completed_and_nothing_is_read_again(engine, typed, names):
    read = engine.cache.store.last("about.html")

    here = here_after(engine, "<b>", f"<b>{typed}", typed)

    assert names <= offered(here)
    assert here.template is read
    assert engine.cache.store.last("about.html") is read


def test_behind_a_loop_its_names_are_not_offered(engine):
    here = here_after(engine, f"endfor %}}\n{LINE}", "endfor %}\n{{ ye\n", "{{ ye")
    assert "crumb" in offered(here)
    assert "year" not in offered(here)


def test_above_and_below_what_is_typed_all_is_where_it_was(engine):
    here = here_after(engine, LINE, f"\n\n{LINE}{{{{ no", "<b>{{ cru")

    assert "crumb: Crumb" in (hover(here) or ("",))[0]
    shown = {here.lines.line(hint.place.line) for hint in inlay_hints(here, 1, 2000)}
    assert "{% set own = crumb %}{% endfor %}" in shown
