"""What a module of a project imports, by way of others too: one look at each import."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from mtvgen.checks.python.sources import Sources


def sources_of(root: Path, count: int) -> Sources:
    """A package with so many models, all imported by its __init__, and a view that imports it."""
    (root / "models").mkdir(parents=True)
    for number in range(count):
        (root / f"models/model{number}.py").write_text(f"from models import model{number - 1}\n")
    imports = "".join(f"from models import model{number}\n" for number in range(count))
    (root / "models/__init__.py").write_text(imports)
    (root / "view.py").write_text("import models\nimport json\n")
    sources = Sources(root)
    sources.refresh()
    return sources


def splits(action: Callable[[], object]) -> int:
    """How many dotted names an action has taken apart."""
    count = 0

    def note(_frame: object, event: str, function: object) -> None:
        nonlocal count
        if event == "c_call" and getattr(function, "__name__", "") == "split":
            count += 1

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def test_what_is_imported_by_way_of_another_counts_too(tmp_path):
    sources = sources_of(tmp_path, 3)

    models = {"models", "models.model0", "models.model1", "models.model2"}
    assert sources.imported_by("view") == {"view", *models}
    assert sources.imported_by("models.model1") == models
    assert sources.imported_by("json") == set()


def test_an_edit_is_seen_at_the_next_look(tmp_path):
    sources = sources_of(tmp_path, 3)
    assert "models" in sources.imported_by("view")
    (tmp_path / "view.py").write_text("import json  # nothing of ours any more\n")
    sources.refresh()
    assert sources.imported_by("view") == {"view"}


def test_twice_the_modules_take_twice_the_work(tmp_path):
    def taken(count: int) -> int:
        sources = sources_of(tmp_path / str(count), count)
        return splits(lambda: [sources.imported_by(name) for name in sources.modules])

    assert taken(40) < 3 * taken(20)
