"""A type checker knows every value of a form, and every slip in a name."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.type_checker import mypy

ROOT = Path(__file__).parents[3]
SAMPLE = Path(__file__).with_name("typed.py")


def test_mypy_knows_every_value_and_every_slip():
    done = mypy(ROOT, "--strict", SAMPLE)

    found = re.findall(r"typed\.py:(\d+): error: .*\[([a-z-]+)\]$", done.stdout, re.M)
    expected = [
        (str(number), kind)
        for number, line in enumerate(SAMPLE.read_text(encoding="utf-8").splitlines(), 1)
        for kind in re.findall(r"# error: ([a-z-]+)", line)
    ]
    assert found == expected, done.stdout
    assert "typed.py" in done.stdout
