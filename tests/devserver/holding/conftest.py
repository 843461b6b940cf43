"""A project in two processes: one holds its modules, one never does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.devserver.holding.holders import Holder, holder_of


@pytest.fixture(scope="module")
def holders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Holder, Holder]]:
    root = tmp_path_factory.mktemp("site")
    with holder_of(root) as one, holder_of(root) as other:
        yield one, other


@pytest.fixture
def project(holders: tuple[Holder, Holder]) -> Holder:
    project, _ = holders
    for path in project.root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    project.begin()
    return project


@pytest.fixture
def fresh(holders: tuple[Holder, Holder]) -> Holder:
    """The same project, of which nothing is ever held."""
    return holders[1]
