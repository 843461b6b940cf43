"""Every case of the table (changing.py) on both databases, there and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, QueuePool

from mtvgen.runtime.models import Database
from mtvgen.runtime.models.engines import make_engines
from tests.runtime.migrations.cases.table import CASES
from tests.runtime.migrations.changing import Case, Journey


class LastingDatabase(Database):
    """One database for all cases, with one engine for all migrations.

    It connects once, and compiles once what each case asks of the database. That a migration has
    an engine of its own is shown in test_migrations.py.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._migrating = make_engines(self.url, replace(self.limits, busy_timeout=0.2))

    @contextmanager
    def own_engine(self) -> Iterator[Engine]:
        yield self._migrating.worker

    @property
    def is_in_use(self) -> bool:
        """Whether a test that failed has left a transaction open."""
        pools = [engine.pool for engine in (self.engine, self._migrating.plain)]
        return any(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    def close(self) -> None:
        self._migrating.plain.dispose()
        super().close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting(request, tmp_path_factory):
    """Return a database, and what leaves nothing in it."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("changes") / "test.sqlite3"
        database = LastingDatabase(f"sqlite:///{file}")

        def empty() -> None:
            database.close()
            for path in file.parent.iterdir():
                path.unlink()
    else:
        server = request.getfixturevalue("postgresql_server")
        database = LastingDatabase(server.empty_database())

        def empty() -> None:
            if database.is_in_use:
                database.close()
                server.cut_connections()
            with database.engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL client_min_messages = warning")
                connection.exec_driver_sql("DROP SCHEMA IF EXISTS shop CASCADE")
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")

    yield database, empty
    empty()  # another module's tests expect no schema but that
    database.close()


@pytest.fixture
def journey(lasting, tmp_path):
    database, empty = lasting
    empty()
    return Journey(database, tmp_path / "migrations")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_of_models(case: Case, journey: Journey):
    kind = journey.database.url.get_backend_name()
    if case.only and case.only != kind:
        pytest.skip(f"only on {case.only}")
    case = case.on(kind)
    before, after = case.before, case.after
    become = case.rows if case.become is None else case.become

    journey.begin(case)
    journey.holds(before, case.rows)
    journey.answers(case.always)

    written = journey.makemigrations(after, case.renames)
    if case.unwritten:
        assert written is None
        return
    assert written is not None
    told = "\n".join([*written.changes, *written.warnings])
    for pattern in case.says:
        assert re.search(pattern, told), told
    assert sum(journey.counts(written.warnings)) == case.loses or case.fails, written.warnings

    if not journey.migrate("head", loses=case.loses, fails=case.fails):
        journey.holds(before, case.rows)
        return
    journey.holds(after, become)
    journey.answers(case.always)
    assert journey.makemigrations(after) is None
    for row in case.refuses:
        with pytest.raises((sa.exc.IntegrityError, sa.exc.DataError, sa.exc.StatementError)):
            journey.insert(after, [row])
    for row in case.takes:
        journey.takes(after, row)

    if journey.migrate("0001", loses=case.back_loses, fails=case.back_fails):
        journey.holds(before, case.rows if case.back is None else case.back)
        journey.answers(case.always)
        with journey.only_the_first():
            assert journey.makemigrations(before) is None
        journey.migrate("head", loses=None, fails="")
    journey.holds(after, become if case.forth is None else case.forth)
    assert journey.makemigrations(after) is None

    if journey.migrate("base", loses=None, fails=case.base_fails or case.back_fails):
        journey.migrate("head", loses=0, fails="")
        journey.holds(after, journey.nothing(become))
        assert journey.makemigrations(after) is None
