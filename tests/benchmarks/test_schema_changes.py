"""The comparison of migrations runs, and tells what becomes of rows."""

from __future__ import annotations

import importlib.util

import pytest

if importlib.util.find_spec("django") is None:
    pytest.skip('Django is not installed: pip install -e ".[bench]"', allow_module_level=True)

from tests.benchmarks.schema_changes.changes import CHANGES
from tests.benchmarks.schema_changes.compare import row_of

BY_NAME = {change.name: change for change in CHANGES}


def test_there_are_thirty_and_each_has_rows():
    assert len(BY_NAME) == len(CHANGES) >= 30
    assert all(change.rows for change in CHANGES)


def test_a_value_that_nobody_can_keep_is_told_by_one_and_not_by_the_other():
    row = row_of(BY_NAME["text becomes a day"])
    assert row["Django"] == {"words": "`2026-01-02`, NULL, NULL", "is_silent": True}
    assert row["mtvgen"]["words"].startswith("counts it, and waits for `--yes`: `2026-01-02`, NULL")
    assert not row["mtvgen"]["is_silent"]


def test_what_both_keep_and_what_both_refuse():
    renamed = row_of(BY_NAME["a column gets another name"])
    assert {renamed[side]["words"] for side in ("Django", "mtvgen")} == {"`'x'`, NULL"}
    repeated = row_of(BY_NAME["unique, over rows that repeat"])
    assert all(repeated[side]["words"].startswith("refuses: ") for side in ("Django", "mtvgen"))
