"""What the checks say about the types of columns."""

from __future__ import annotations

import pytest

MODEL = """
from datetime import datetime
{imports}
from mtvgen.runtime.models import Model
from sqlalchemy.orm import Mapped, mapped_column


class Event(Model):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = {column}
"""


def notes(checker, site, imports, column):
    (site / "models/__init__.py").write_text("from models.event import Event\n")
    (site / "models/event.py").write_text(MODEL.format(imports=imports, column=column))
    return [
        (problem.severity, problem.file, problem.line, problem.message)
        for problem in checker.check(site).problems
        if problem.id == "models.datetime"
    ]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "wsgi.py").write_text(
        "import models\nfrom mtvgen.runtime import Application\napplication = Application([])\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("imports", "column", "written"),
    [
        ("from sqlalchemy import DateTime", "mapped_column(DateTime())", "DateTime()"),
        ("from sqlalchemy import DateTime", "mapped_column(DateTime)", "DateTime"),
        ("from sqlalchemy import DateTime as D", "mapped_column('when', D(), index=True)", "D()"),
        (
            "import sqlalchemy as sa",
            "mapped_column(sa.DateTime(timezone=True))",
            "sa.DateTime(timezone=True)",
        ),
        ("from sqlalchemy import types", "mapped_column(types.TIMESTAMP())", "types.TIMESTAMP()"),
        ("from sqlalchemy import DateTime", "mapped_column(type_=DateTime())", "DateTime()"),
    ],
)
def test_an_explicit_datetime_is_a_note_at_its_line(site, checker, imports, column, written):
    said = f"{written} means one thing on SQLite and another on PostgreSQL."
    assert notes(checker, site, imports, column) == [("note", "models/event.py", 11, said)]


@pytest.mark.parametrize(
    ("imports", "column"),
    [
        ("", "mapped_column()"),
        ("from sqlalchemy import func", "mapped_column(server_default=func.now())"),
        ("from mtvgen.runtime.models import UTCDateTime", "mapped_column(UTCDateTime())"),
        ("from sqlalchemy import DateTime", "mapped_column(default=lambda: cast('x', DateTime))"),
    ],
)
def test_a_moment_is_none(site, checker, imports, column):
    assert notes(checker, site, imports, column) == []
