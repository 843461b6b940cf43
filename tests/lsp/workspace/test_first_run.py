"""The first run of a project: what is done while it is imported, and what is shown first."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.lsp.workspace.engine import Engine
from tests.checks.site_of_pages import write_site

OF_TEMPLATES = {"templates.unknown-filter", "views.missing-name"}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    root = tmp_path.resolve()
    write_site(root, 4)
    engine = Engine(root)
    engine.begin()
    return engine


def finish_import(engine: Engine) -> None:
    while not engine.hear():
        pass


def ids(engine: Engine) -> set[str]:
    return {problem.id for problem in engine.problems}


def test_templates_are_parsed_while_the_project_is_imported_and_stay_parsed(engine):
    assert engine.read_ahead(0)  # one, and there are more
    while engine.read_ahead(0):
        pass
    store = engine.cache.store
    parsed = {name: store.last(name) for name in store.texts()}
    assert None not in parsed.values()

    finish_import(engine)
    assert not engine.read_ahead(1)
    engine.check()

    assert engine.cache.store is not store
    assert {name: engine.cache.store.last(name) for name in parsed} == parsed
    assert ids(engine) > OF_TEMPLATES


def test_a_run_that_somebody_asks_for_meanwhile_leaves_nothing_to_be_read(engine):
    engine.read_ahead(0)
    engine.check()
    assert not engine.read_ahead(1)

    finish_import(engine)
    engine.check()
    assert ids(engine) > OF_TEMPLATES


def test_what_templates_lack_is_shown_before_forms_and_python_files_are_checked(engine):
    finish_import(engine)
    shown: list[set[str]] = []

    engine.check(show=lambda: shown.append(ids(engine)))

    assert shown[0] >= OF_TEMPLATES
    assert {one.partition(".")[0] for one in ids(engine) - shown[0]} == {
        "forms",
        "project",
        "views",
    }
    engine.check(show=lambda: shown.append(ids(engine)))
    assert len(shown) == 1
