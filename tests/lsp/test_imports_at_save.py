"""A save imports the project only if the import may find something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.lsp.workspace.engine import Engine
from tests.checks.seed_project import write_project


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    root = tmp_path_factory.mktemp("saves").resolve()
    write_project(root)
    engine = Engine(root)
    engine.begin()
    finish(engine)
    return engine


def finish(engine: Engine) -> None:
    while engine.loading is not None:
        engine.hear()
    engine.check()


def save(engine: Engine, file: str, old: str, new: str) -> bool:
    """Type in a file that is open, check, and save it; returns whether an import has begun."""
    path = engine.root / file
    text = path.read_text()
    assert old in text
    engine.texts.put(path, text, typed=False)
    engine.check()
    text = text.replace(old, new, 1)
    engine.texts.put(path, text, typed=True)
    engine.check()
    path.write_text(text)
    engine.see_save()
    return engine.loading is not None


def test_the_body_of_a_view_and_a_template_import_nothing(engine):
    assert not save(engine, "views/home.py", 'mode="full"', 'mode="fuller"')
    assert not save(engine, "views/home.py", 'mode="fuller"', 'mode="full"')
    assert not save(engine, "templates/home.html", "{{ title }}", "{{ title }}!")


def test_a_route_a_signature_and_a_name_at_the_top_import(engine):
    for file, old, new in (
        ("views/home.py", "(request: Request", "(request: Request, extra: int = 1"),
        ("views/home.py", "from", "LIMIT = 3\nfrom"),
        ("urls.py", "path(", " path("),
    ):
        assert save(engine, file, old, new), new
        finish(engine)


def test_a_save_while_an_import_is_under_way_begins_another(engine):
    assert save(engine, "views/home.py", "LIMIT = 3", "LIMIT = 4")
    first = engine.loading
    assert save(engine, "views/home.py", 'mode="full"', 'mode="fuller"')
    assert engine.loading is not first
    finish(engine)


def test_another_file_that_is_not_saved_makes_it_import(engine: Engine):
    other: Path = engine.root / "urls.py"
    engine.texts.put(other, f"{other.read_text()}\n", typed=True)
    assert save(engine, "views/home.py", 'mode="fuller"', 'mode="full"')
    finish(engine)
