"""A plugin of pytest: the processor time of each test, with its fixtures, as JSON.

MEASURED_TESTS=times.json pytest -p measured_tests
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

# By the test's id, as pytest runs them.
_milliseconds: defaultdict[str, float] = defaultdict(float)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    begin = time.process_time_ns()
    try:
        return (yield)
    finally:
        _milliseconds[item.nodeid] += (time.process_time_ns() - begin) / 1_000_000


pytest_runtest_call = pytest_runtest_teardown = pytest_runtest_setup


def pytest_sessionfinish() -> None:
    Path(os.environ["MEASURED_TESTS"]).write_text(json.dumps(_milliseconds), encoding="utf-8")
