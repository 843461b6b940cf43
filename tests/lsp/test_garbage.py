"""Garbage is collected in small pieces, and in the end all of it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.run import check_project
from mtvgen.lsp.garbage import MOST_NEW, Garbage
from tests.checks.seed_project import write_project

OF_EACH_PAGE = ("mtvgen.checks.rendering", "mtvgen.checks.interpreter", "mtvgen.checks.forms")


class Knot:
    """Something that refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    gc.collect()
    yield Garbage()
    gc.unfreeze()
    gc.enable()


def test_what_is_new_is_collected_when_it_is_enough(garbage):
    knot = weakref.ref(Knot())
    garbage.collect_new()
    assert knot() is not None
    many = [[] for _ in range(MOST_NEW + 1)]
    garbage.collect_new()
    assert knot() is None
    assert gc.get_freeze_count() > len(many)


def test_what_was_in_use_then_is_collected_when_nothing_is_to_be_done(garbage):
    gc.freeze()
    garbage.all_at = 0
    garbage.collect_when_idle()
    knots = [Knot() for _ in range(gc.get_freeze_count())]
    garbage.collect_new()
    knot = weakref.ref(knots[0])
    knots.clear()
    garbage.note_work()
    garbage.collect_when_idle()
    assert knot() is not None  # something was done just now
    garbage.all_at = 0
    garbage.collect_when_idle()
    assert knot() is None
    assert garbage.all_at == float("inf")


def test_what_the_checks_keep_goes_without_the_collector(tmp_path):
    """All pages are looked at again when a layout changes; what was known of them goes."""
    root, cache = tmp_path.resolve(), Cache(files=ProjectFiles(watched=True))
    write_project(root)
    gc.disable()
    try:
        for number in range(2):
            for file in ("templates/base.html", "templates/_macros.html"):
                text = (root / file).read_text("utf-8")
                cache.files.put(root / file, f"{text}{'<br>' * number}")
            check_project(root, cache)
            gc.collect() if number == 0 else gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = [one for one in gc.garbage if type(one).__module__.startswith(OF_EACH_PAGE)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == []
