"""Lists and searches of docs/howto/pagination.md in a table with a million rows.

    python tests/benchmarks/million_rows.py                          about two minutes
    python tests/benchmarks/million_rows.py --rows 20000 --only sqlite

The functions and the migration are those of the page, on SQLite and on PostgreSQL. Milliseconds are
the quickest of a few calls, with everything in memory. "work" is what the database did, with a
tenth of the rows and with all of them: instructions of SQLite's machine, pages that PostgreSQL
looked at. Where an index is used both are about the same, and where each row is looked at the
second is ten times the first; `COUNT` is one instruction of SQLite's, which does as much. Exits
with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from mtvgen.runtime.migrations import migrate
from mtvgen.startproject.create import create_project
from tests.benchmarks.timing import table
from tests.support.pages import DOCS, examples

ROWS = 1_000_000
SIZE = 20  # rows of a page
# Ten times the rows: what an index finds takes at most so many times the work, and what looks at
# each row at least so many.
FLAT, GROWING = 2.0, 5.0
STEP = 10  # instructions of SQLite's machine between two calls of what counts them
FILL = {
    "sqlite": (
        "WITH RECURSIVE number (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number"
        " WHERE n < :last) INSERT INTO note (text) SELECT {} FROM number"
    ),
    "postgresql": (
        "INSERT INTO note (text)"
        " SELECT {} FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n"
    ),
}
# Each note has the word "note" and a number of its own; twenty have a rare word.
NOTE = (
    "'Note ' || CAST(n AS TEXT) || ' of ' || CAST(n % 1000 AS TEXT)"
    " || CASE WHEN n <= 20 THEN ' teapot' ELSE ' kettle' END"
)


class Query(NamedTuple):
    """One thing that a page asks the database.

    Attributes:
        ask: Asks it; takes how many rows there are.
        is_flat: Whether it takes the same time at any size.
    """

    ask: Callable[[Session, int], object]
    is_flat: bool = True


class Cost(NamedTuple):
    """What a query takes: milliseconds, and the work at each size."""

    milliseconds: float
    work: list[int]


def main() -> int:
    """Print a table; 1 where an index is not used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only", choices=list(FILL), help="one database")
    parser.add_argument("--postgresql", metavar="URL", help="of a server that is running")
    options = parser.parse_args()
    costs: dict[str, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        root = project(Path(scratch, "notes"))
        for name in [options.only] if options.only else FILL:
            url = f"sqlite:///{scratch}/rows.sqlite3"
            if name == "postgresql":
                url = options.postgresql or stack.enter_context(_server())
            costs[name] = measure(root, name, url, options.rows)
    queries = page_queries(page_functions())
    print(_table(costs, options.rows))
    wrong = [
        f"{name}, {title}: the work went from {cost.work[0]} to {cost.work[1]}"
        for name, taken in costs.items()
        for title, cost in taken.items()
        if not _is_as_expected(cost, is_flat=queries[title].is_flat)
    ]
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def project(root: Path) -> Path:
    """Make the project of the page, with its migration, and be in it."""
    create_project("notes", root)
    for example in examples(DOCS / "howto" / "pagination.md"):
        if example.file and example.file.startswith("migrations/"):
            (root / example.file).write_text(example.text, encoding="utf-8")
    os.chdir(root)
    sys.path.insert(0, str(root))
    return root


def page_functions() -> dict[str, Any]:
    """Return what the page's examples define, without the lines that try it out.

    They import the project that is the current directory.
    """
    namespace: dict[str, Any] = {}
    for example in examples(DOCS / "howto" / "pagination.md"):
        definitions, tried, _ = example.text.partition("\nwith database.temporarily(")
        if example.language == "python" and not example.file and "def " in definitions and tried:
            exec(definitions, namespace)
    return namespace


def page_queries(page: dict[str, Any]) -> dict[str, Query]:
    """Title -> query, with the functions of the page."""
    note = page["Note"]

    def older(before: Callable[[int], int | None]) -> Callable[[Session, int], object]:
        return lambda db, rows: page["older_notes"](db, before(rows), SIZE)

    def last_page(db: Session, rows: int) -> object:
        statement = select(note).order_by(note.id.desc()).limit(SIZE).offset(rows - SIZE)
        return db.scalars(statement).all()

    def containing(db: Session, _rows: int) -> object:
        statement = select(note).where(note.text.contains("samovar", autoescape=True))
        return db.scalars(statement.order_by(note.id.desc()).limit(SIZE)).all()

    def counting(db: Session, _rows: int) -> object:
        return db.scalar(select(func.count()).select_from(select(note).subquery()))

    return {
        "list, first page": Query(older(lambda rows: None)),
        # With fewer rows the one in the middle.
        "list, page 1,000": Query(older(lambda rows: max(rows - 999 * SIZE, rows // 2))),
        "list, last page": Query(older(lambda rows: SIZE + 1)),
        "a word that 20 have": Query(lambda db, _: page["notes_with"](db, "teapot", SIZE)),
        "a word that all have": Query(lambda db, _: page["notes_with"](db, "note", SIZE)),
        "a beginning": Query(
            lambda db, rows: page["notes_beginning_with"](db, f"Note {rows // 50}", SIZE)
        ),
        "`contains()`, nothing found": Query(containing, is_flat=False),
        "`COUNT`": Query(counting, is_flat=False),
        "`OFFSET`, last page": Query(last_page, is_flat=False),
    }


def measure(root: Path, name: str, url: str, rows: int) -> dict[str, Cost]:
    """Title -> what each query takes on one database."""
    page = page_functions()
    database, queries = page["database"], page_queries(page)
    work: dict[str, list[int]] = {title: [] for title in queries}
    taken: dict[str, float] = {}
    with database.temporarily(url):
        migrate(database, root / "migrations")
        for first, last in ((1, rows // 10), (rows // 10 + 1, rows)):
            with database.session() as db:
                db.execute(text(FILL[name].format(NOTE)), {"first": first, "last": last})
            engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE" if name == "postgresql" else "ANALYZE"))
            for title, query in queries.items():
                with database.session(read_only=True) as db:
                    ask = partial(query.ask, db, last)
                    work[title].append(WORK[name](db, ask))
                    if last == rows:
                        taken[title] = _quickest(ask)
    return {title: Cost(taken[title], work[title]) for title in queries}


def _quickest(ask: Callable[[], object]) -> float:
    """Milliseconds of the quickest call, of as many as fit into a second."""
    taken: list[float] = []
    while len(taken) < 3 or (sum(taken) < 1_000 and len(taken) < 20):
        start = time.perf_counter_ns()
        ask()
        taken.append((time.perf_counter_ns() - start) / 1_000_000)
    return min(taken)


def _instructions(db: Session, ask: Callable[[], object]) -> int:
    """Instructions of SQLite's machine."""
    steps = [0]

    def count() -> None:
        steps[0] += STEP

    driver: Any = db.connection().connection.driver_connection
    driver.set_progress_handler(count, STEP)
    try:
        ask()
    finally:
        driver.set_progress_handler(None, 0)
    return steps[0]


def _pages(db: Session, ask: Callable[[], object]) -> int:
    """Pages of 8 KiB that PostgreSQL looked at."""
    connection = db.connection()
    said: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        said.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", listen)
    try:
        ask()
    finally:
        event.remove(connection, "before_cursor_execute", listen)
    pages = 0
    for statement, parameters in said:
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
        plan = connection.exec_driver_sql(explain, parameters).scalar_one()[0]["Plan"]
        pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


WORK = {"sqlite": _instructions, "postgresql": _pages}


def _is_as_expected(cost: Cost, *, is_flat: bool) -> bool:
    before, after = cost.work
    return after <= FLAT * max(before, STEP) if is_flat else after >= GROWING * before


def _table(costs: dict[str, dict[str, Cost]], rows: int) -> str:
    headings = [f"{rows:,} rows"]
    for name in costs:
        headings += [f"{name}, ms", f"work, {rows // 10:,}", f"work, {rows:,}"]
    lines = []
    for title in next(iter(costs.values())):
        line = [title]
        for taken in costs.values():
            line += [f"{taken[title].milliseconds:.2f}", *(f"{n:,}" for n in taken[title].work)]
        lines.append(line)
    return table(headings, lines)


@contextmanager
def _server() -> Iterator[str]:
    from tests.support.postgresql import running_server

    with running_server() as server:
        yield server.url


if __name__ == "__main__":
    sys.exit(main())
