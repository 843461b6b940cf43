"""The same changes of models through Django's migrations and through mtvgen's, on SQLite.

    python tests/benchmarks/schema_changes/compare.py                     the table, half a minute
    python tests/benchmarks/schema_changes/compare.py --only "text"       some of it
    python tests/benchmarks/schema_changes/compare.py --json FILE         keep it for figures.py

For each change both make their tables, get the same rows, make a migration, apply it, read the
rows again, and go back. The peer comes from the `bench` extra.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))  # the checkout, when this is the script


from tests.benchmarks.schema_changes.changes import CHANGES, GONE, Change
from tests.benchmarks.schema_changes.sides import DjangoSide, MtvgenSide, Outcome, Side, fields

SIDES: dict[str, type[Side]] = {"Django": DjangoSide, "mtvgen": MtvgenSide}
LONGEST = 70  # characters of a message that a table has room for


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="the changes whose names hold this")
    parser.add_argument("--json", type=Path, help="keep the outcome here")
    arguments = parser.parse_args()
    changes = [change for change in CHANGES if arguments.only in change.name]
    rows = [row_of(change) for change in changes]
    for row in rows:
        print(f"{row['change']}\n    {row['rows']}")
        for name in SIDES:
            print(f"  {'!' if row[name]['is_silent'] else ' '} {name:7} {row[name]['words']}")
    silent = {name: sum(row[name]["is_silent"] for row in rows) for name in SIDES}
    print(f"\nvalues lost or changed without a word, of {len(rows)} changes: {silent}")
    if arguments.json:
        versions = {name: version(name) for name in ("django", "mtvgen", "sqlalchemy", "alembic")}
        kept = {"date": str(date.today()), "versions": versions, "changes": rows}
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0 if silent["mtvgen"] == 0 else 1


def row_of(change: Change) -> dict[str, Any]:
    """What becomes of a change on each side."""
    row: dict[str, Any] = {"change": change.name, "rows": _rows(_plain(change.rows))}
    for name, side in SIDES.items():
        with tempfile.TemporaryDirectory() as directory:
            outcome = side(change, Path(directory)).run()
        row[name] = {"words": words(change, outcome), "is_silent": is_silent(change, outcome)}
    return row


def words(change: Change, outcome: Outcome) -> str:
    """The outcome, as a cell of a table."""
    return "; ".join(_words(change, outcome))


def _words(change: Change, outcome: Outcome) -> Iterator[str]:
    if outcome.unseen:
        yield "sees no change"
    elif outcome.refused:
        yield f"refuses: {_short(outcome.refused)}"
    else:
        asks = "counts it, and waits for `--yes`: " if outcome.asks else ""
        yield f"{asks}{_rows(outcome.after)}"
    if outcome.kept is not None:
        said = ", as it says" if outcome.told else ""
        yield f"{_subject(change)} {'kept' if outcome.kept else f'gone{said}'}"
    if outcome.back_refused:
        yield f"back: refuses, {_short(outcome.back_refused)}"
    elif outcome.back is not None and outcome.back != _plain(change.rows):
        yield f"back: {_rows(outcome.back)}"


def _subject(change: Change) -> str:
    """`the trigger`, of `a trigger, while a column ...`."""
    return f"the {change.name.partition(',')[0].partition(' ')[2]}"


def is_silent(change: Change, outcome: Outcome) -> bool:
    """Whether something is lost or wrong, and nothing was said before."""
    if outcome.refused or outcome.asks or outcome.told:
        return False
    if outcome.unseen:
        return change.become is not None
    return outcome.kept is False or not _is_as_wanted(change, outcome)


def _is_as_wanted(change: Change, outcome: Outcome) -> bool:
    wanted = _plain(change.rows if change.become is None else change.become)
    if change.base:
        return False
    if not isinstance(outcome.after, list):
        return False
    before = _plain(change.rows) if outcome.back else wanted
    is_there = all(
        _is_one(got, value, had)
        for row in zip(outcome.after, wanted, before, strict=True)
        for got, value, had in zip(*row, strict=False)
    )
    # A column that was renamed has its values on the way back too.
    return is_there and (not change.renames or outcome.back == _plain(change.rows))


def _is_one(got: Any, wanted: Any, before: Any) -> bool:
    """Whether a value is one that is wanted; what nobody could convert may be as it was."""
    if wanted == GONE:
        return bool(got == before)
    if isinstance(wanted, set):
        return got in wanted
    return type(got) is type(wanted) and got == wanted


def _plain(rows: Sequence[Any]) -> list[list[Any]]:
    names = fields(rows)
    return [[row[n] for n in names] if isinstance(row, dict) else [row] for row in rows]


def _rows(rows: Any) -> str:
    if isinstance(rows, str):
        return rows
    return ", ".join(" / ".join(_value(value) for value in row) for row in rows)


def _value(value: Any) -> str:
    if value is None or value == GONE:
        return "NULL"
    return f"`{value!r}`" if isinstance(value, str | bool | dict | int | float) else f"`{value}`"


def _short(message: str) -> str:
    first = " ".join(message.split()).partition(" Give the column")[0]
    return first if len(first) <= LONGEST else f"{first[:LONGEST].rstrip()} ..."


if __name__ == "__main__":
    sys.exit(main())
