"""A short run of each target; tests/fuzz/run.py takes minutes, and other input each time."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.fuzz.run import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_the_first_examples(name):
    settings(max_examples=50)(TARGETS[name])()
