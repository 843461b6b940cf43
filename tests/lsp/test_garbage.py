"""Garbage is collected in small pieces, and in the end all of it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from mtvgen.lsp.garbage import MOST_NEW, Garbage


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
