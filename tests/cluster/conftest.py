"""The cluster that the tests of this directory share; the faults have one of their own."""

from __future__ import annotations

import os

import pytest

from tests.cluster.machines import running_cluster, why_not


@pytest.fixture(scope="module")
def site():
    """Two gunicorns behind nginx on one PostgreSQL."""
    if not os.environ.get("MTVGEN_FULL"):
        pytest.skip("a cluster: runs with MTVGEN_FULL=1")
    if reason := why_not():
        pytest.skip(reason)
    with running_cluster() as made:
        yield made
