"""A visitor's text takes time in proportion to its size, whatever it says."""

from __future__ import annotations

import pytest

from tests.support.development_input_sizes import DEVELOPMENT_INPUTS
from tests.support.input_sizes import INPUTS, times

# Four times the size takes four times as long; the square of it would be sixteen.
MOST = 10
ATTEMPTS = 3  # a machine that is busy with something else is given another chance


@pytest.mark.parametrize("case", [*INPUTS, *DEVELOPMENT_INPUTS], ids=lambda case: case.name)
def test_no_text_stops_a_worker_four_times_the_size_is_about_four_times_the_work(case):
    for _ in range(ATTEMPTS):
        smallest, _, largest = times(case, rounds=2)
        # What takes no time that a clock could tell is in proportion to anything.
        if largest < MOST * max(smallest, 100e-6):
            return
    pytest.fail(f"{case.name}: {largest / smallest:.1f} times as long for 4 times the size")
