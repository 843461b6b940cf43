"""A thread that would wait for itself: it holds SQLite's one place for a writer, and asks again.

A POST that has read by `request.db` is a writer from then on (BEGIN IMMEDIATE). With a session of
its own beside it, `database.session()`, it would wait for as long as SQLite does, and then be told
that somebody else writes. So each thread notes the transactions that it begins, which takes less
than a microsecond.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any, NamedTuple


class _Transaction(NamedTuple):
    """One that this thread has begun, and that may write.

    Attributes:
        connection: The one it was begun on.
        notes: What belongs to that connection; whoever begins next leaves his own name there.
        beginner: Who began it.
        database: The file.
        changes: How many rows the connection had changed until then; None: it is a writer from
            its beginning, and not from its first write on.
    """

    connection: sqlite3.Connection
    notes: dict[Any, Any]
    beginner: tuple[int, int]
    database: str | None
    changes: int | None

    def writes(self, beginner: tuple[int, int], database: str | None) -> bool:
        """Whether it still goes on here, and keeps others from writing to a file."""
        if (database, beginner, beginner) != (
            self.database,
            self.beginner,
            self.notes.get(_BEGINNER),
        ):
            return False
        try:
            return self.connection.in_transaction and (
                self.changes is None or self.connection.total_changes > self.changes
            )
        except sqlite3.ProgrammingError:  # it has been closed since
            return False


_BEGINNER = "mtvgen.beginner"
_local = threading.local()


def would_wait_for_itself(database: str | None) -> bool:
    """Whether this thread holds the place for a writer that it is about to ask for.

    Args:
        database: The file.
    """
    if database == ":memory:":  # each of that name is another one
        return False
    beginner = _beginner()
    return any(transaction.writes(beginner, database) for transaction in _transactions())


def note_transaction(
    connection: sqlite3.Connection,
    notes: dict[Any, Any],
    database: str | None,
    *,
    is_immediate: bool,
) -> None:
    """Note that this thread has begun a transaction that may write.

    Args:
        connection: Where.
        notes: What belongs to that connection (`Connection.info`).
        database: The file.
        is_immediate: Whether it is a writer from its beginning.
    """
    beginner = notes[_BEGINNER] = _beginner()
    changes = None if is_immediate else connection.total_changes
    transaction = _Transaction(connection, notes, beginner, database, changes)
    _local.transactions = [
        *(other for other in _transactions() if _goes_on(other, connection)),
        transaction,
    ]


def _transactions() -> list[_Transaction]:
    return getattr(_local, "transactions", [])


def _goes_on(transaction: _Transaction, begun: sqlite3.Connection) -> bool:
    if transaction.connection is begun:
        return False
    try:
        return transaction.connection.in_transaction
    except sqlite3.ProgrammingError:
        return False


def _beginner() -> tuple[int, int]:
    # A fork copies the notes, and not the transactions.
    return os.getpid(), threading.get_ident()
