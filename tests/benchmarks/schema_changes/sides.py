"""Django's migrations and mtvgen's, each driven through one change in processes of its own."""

from __future__ import annotations

import io
import multiprocessing
import sqlite3
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.schema_changes.changes import Change


@dataclass
class Outcome:
    """What became of one change.

    Attributes:
        unseen: Whether makemigrations has written nothing.
        told: What was said of what goes before anything was changed.
        refused: Why it was not done; "" where it was.
        asks: Whether it was done only when it was told to.
        after: The values behind the change, or why they can't be read.
        back: The values behind the way back; None where it was not gone.
        back_refused: Why there is no way back.
        kept: Whether what was made by hand is there.
    """

    unseen: bool = False
    told: list[str] = field(default_factory=list)
    refused: str = ""
    asks: bool = False
    after: Any = None
    back: Any = None
    back_refused: str = ""
    kept: bool | None = None


class Side:
    """One of the two; a project in a directory, with a SQLite database."""

    def __init__(self, change: Change, place: Path) -> None:
        self.change = change
        self.place = place
        self.file = place / "db.sqlite3"

    def run(self) -> Outcome:
        """There and back."""
        found = Outcome()
        in_a_process(self.begin)
        with closing(sqlite3.connect(self.file)) as connection:
            for statement in self.change.own_sql:
                connection.execute(statement)
        before, become = self.change.rows, self.change.become
        if self.change.base:
            found.told, found.refused, found.asks = in_a_process(self.to_base)
            found.after = self.tables()
            return found
        found.unseen, found.told, found.refused, found.asks = in_a_process(self.go)
        found.kept = self.is_kept()
        if not found.refused and not found.unseen:
            wanted = before if become is None else become
            found.after = in_a_process(lambda: self.read(1, fields(wanted)))
            found.back_refused = in_a_process(self.back)
            if not found.back_refused:
                found.back = in_a_process(lambda: self.read(0, fields(before)))
        return found

    def is_kept(self) -> bool | None:
        if self.change.kept is None:
            return None
        query, number = self.change.kept
        with closing(sqlite3.connect(self.file)) as connection:
            return bool(connection.execute(query).fetchone() == (number,))

    def tables(self) -> str:
        with closing(sqlite3.connect(self.file)) as connection:
            found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'thing'")
            return "all rows gone" if found.fetchone() == (0,) else "all rows there"

    def begin(self) -> None: ...
    def go(self) -> tuple[bool, list[str], str, bool]: ...
    def back(self) -> str: ...
    def to_base(self) -> tuple[list[str], str, bool]: ...
    def read(self, side: int, names: Sequence[str]) -> list[list[Any]] | str: ...


class DjangoSide(Side):
    """`manage.py makemigrations` and `migrate`, as they answer a person who says yes."""

    def begin(self) -> None:
        (self.place / "shop" / "migrations").mkdir(parents=True)
        (self.place / "shop" / "__init__.py").touch()
        (self.place / "shop" / "migrations" / "__init__.py").touch()
        self._set_up(0)
        assert not self._call("makemigrations", "shop")[1]
        assert not self._call("migrate")[1]
        thing = self._thing()
        for row in self.change.rows:
            thing.objects.create(**(row if isinstance(row, dict) else {"a": row}))

    def go(self) -> tuple[bool, list[str], str, bool]:
        self._set_up(1)
        # It asks whether a column has another name; to other questions there is no answer.
        answers = "y\n" * 5 if self.change.renames else ""
        output, refused = self._call("makemigrations", "shop", answers=answers)
        # What it says of each operation: "- Remove field b from thing".
        told = [line for line in output.splitlines() if line.strip().startswith("- Remove")]
        written = list((self.place / "shop" / "migrations").glob("0002*.py"))
        unseen = not written and not refused
        if refused or unseen:
            return unseen, told, refused, False
        return False, told, self._call("migrate")[1], False

    def back(self) -> str:
        self._set_up(1)
        return self._call("migrate", "shop", "0001")[1]

    def to_base(self) -> tuple[list[str], str, bool]:
        self._set_up(0)
        return [], self._call("migrate", "shop", "zero")[1], False

    def read(self, side: int, names: Sequence[str]) -> list[list[Any]] | str:
        self._set_up(side)
        try:
            return [list(row) for row in self._thing().objects.order_by("pk").values_list(*names)]
        except Exception as error:
            return f"can't be read: {type(error).__name__}"

    def _set_up(self, side: int) -> None:
        import django
        from django.conf import settings

        source = _class("models.Model", "", self.change.django[side])
        if "db_table" not in source:
            source += "\n    class Meta:\n        db_table = 'thing'\n"
        # The file is written twice within a second, and a compiled one would be taken for both.
        sys.dont_write_bytecode = True
        (self.place / "shop" / "models.py").write_text(f"from django.db import models\n\n{source}")
        sys.path.insert(0, str(self.place))
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(self.file)}
        settings.configure(
            INSTALLED_APPS=["shop"],
            DATABASES={"default": database},
            USE_TZ=False,  # moments without a zone, as SQLAlchemy's DateTime has them
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        )
        django.setup()

    @staticmethod
    def _thing() -> Any:
        from django.apps import apps

        return apps.get_model("shop", "Thing")

    @staticmethod
    def _call(*arguments: str, answers: str = "") -> tuple[str, str]:
        """What a command prints, and why it has failed."""
        from django.core.management import call_command

        sys.stdin = io.StringIO(answers)
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            try:
                call_command(*arguments, interactive=bool(answers), no_color=True)
            except SystemExit:
                return said.getvalue(), said.getvalue().strip().splitlines()[0]
            except Exception as error:
                return said.getvalue(), f"{type(error).__name__}: {error}"
        return said.getvalue(), ""


class MtvgenSide(Side):
    """`mtvgen makemigrations` and `migrate`, by the functions behind them."""

    def begin(self) -> None:
        from mtvgen.runtime.migrations import make_migration, migrate

        database, thing = self._set_up(0)
        make_migration(database, self.place / "migrations")
        migrate(database, self.place / "migrations")
        with database.session() as db:
            for row in self.change.rows:
                db.add(thing(**(row if isinstance(row, dict) else {"a": row})))
                db.flush()

    def go(self) -> tuple[bool, list[str], str, bool]:
        from mtvgen.runtime.migrations import MigrationError, make_migration

        database, _ = self._set_up(1)
        try:
            written = make_migration(
                database, self.place / "migrations", renames=self.change.renames
            )
        except MigrationError as error:
            return False, [], str(error), False
        if written is None:
            return True, [], "", False
        told = [*written.warnings, *(line for line in written.changes if line.startswith("drop "))]
        return False, told, *self._migrate("head")

    def back(self) -> str:
        self._set_up(1)
        return self._migrate("0001")[0]

    def to_base(self) -> tuple[list[str], str, bool]:
        from mtvgen.runtime.migrations import DataLossError, migrate

        database, _ = self._set_up(0)
        told: list[str] = []
        try:
            migrate(database, self.place / "migrations", "base")
        except DataLossError as error:
            told = list(error.findings)
        return told, *self._migrate("base")

    def _migrate(self, revision: str) -> tuple[str, bool]:
        """Why it is refused, and whether it wanted `--yes`."""
        from mtvgen.runtime.migrations import DataLossError, MigrationError, migrate
        from mtvgen.runtime.models import Database

        for accepts in (False, True):
            try:
                migrate(
                    Database(self.file), self.place / "migrations", revision, accept_losses=accepts
                )
            except DataLossError as error:
                refused = error.findings[-1].partition(": ")[2]
            except MigrationError as error:
                return error.message.partition(": ")[2], accepts
            else:
                return "", accepts
        return refused, False

    def read(self, side: int, names: Sequence[str]) -> list[list[Any]] | str:
        database, thing = self._set_up(side)
        columns = [getattr(thing, name) for name in names]
        from sqlalchemy import select

        try:
            with database.session(read_only=True) as db:
                rows = db.execute(select(*columns).order_by(*thing.__table__.primary_key))
                return [list(row) for row in rows]
        except Exception as error:
            return f"can't be read: {type(error).__name__}"

    def _set_up(self, side: int) -> tuple[Any, Any]:
        import sqlalchemy as sa
        from sqlalchemy.orm import mapped_column

        from mtvgen.runtime.models import Database, Model

        own = "__tablename__ = 'thing'\nid = C(sa.Integer, primary_key=True)\n"
        names: dict[str, Any] = {"sa": sa, "C": mapped_column, "Model": Model}
        exec(_class("Model", own, self.change.mtvgen[side]), names)  # our own table
        return Database(self.file), names["Thing"]


def _class(base: str, own: str, body: str) -> str:
    if "class Thing" in body:
        return body
    return f"class Thing({base}):\n{textwrap.indent(own + body, '    ')}\n"


def fields(rows: Sequence[Any]) -> list[str]:
    """The columns that rows speak of."""
    first = rows[0]
    return list(first) if isinstance(first, dict) else ["a"]


def in_a_process(work: Callable[[], Any]) -> Any:
    """What a function gives in a process that has imported nothing of the project before."""
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()

    def run() -> None:
        results.put(work())

    child = context.Process(target=run)
    child.start()
    child.join()
    if child.exitcode != 0:
        raise RuntimeError(f"{work} ended with {child.exitcode}")
    return results.get()
