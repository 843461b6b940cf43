"""Every case of the table (changing.py) on both databases, there and back."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from mtvgen.runtime.models import Database
from tests.runtime.migrations.cases.table import CASES
from tests.runtime.migrations.changing import Case, Journey


@pytest.fixture(params=["sqlite", "postgresql"])
def journey(request, tmp_path):
    database = Database(request.getfixturevalue(f"{request.param}_url"))
    yield Journey(database, tmp_path / "migrations")
    if request.param == "postgresql":  # the next test gets an empty schema, and may want this one
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS shop CASCADE")
    database.close()


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
