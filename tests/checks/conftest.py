"""Fixtures of the checks' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checks.checker import Checker


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    """A process that checks projects."""
    checker = Checker()
    yield checker
    checker.close()
