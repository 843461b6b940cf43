"""A thread that would wait for itself: it holds SQLite's one place for a writer, and asks again.

A POST that has read by `request.db` is a writer from then on (BEGIN IMMEDIATE). With a session of
its own next to it, `database.session()`, it would wait until SQLite gives up, and then get
that somebody else writes. So each thread notes the transactions that it begins, which takes a
microsecond.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any, NamedTuple


class _Transaction(NamedTuple):
    """One that may write.

    Attributes:
        connection: The one it was begun on.
        notes: What belongs to that connection; whoever begins on it next leaves himself there.
        database: The file.
        changes: How many rows the connection had changed until then; None: it is a writer from
            its beginning, and not from its first write on.
    """

    connection: sqlite3.Connection
    notes: dict[Any, Any]
    database: str | None
    changes: int | None

    def writes_to(self, database: str | None) -> bool:
        """Return whether it keeps others from writing to a file."""
        return self.database == database and (
            self.changes is None or self.connection.total_changes > self.changes
        )


class _Thread(threading.local):
    """The transactions that each thread has begun."""

    def __init__(self) -> None:
        self.transactions: list[_Transaction] = []


_BEGINNER = "mtvgen.beginner"
_thread = _Thread()


def _forget() -> None:
    _thread.transactions = []


if hasattr(os, "register_at_fork"):  # a fork copies what was noted, and not the transactions
    os.register_at_fork(after_in_child=_forget)


def would_wait_for_itself(
    connection: sqlite3.Connection,
    notes: dict[Any, Any],
    database: str | None,
    *,
    is_immediate: bool,
) -> bool:
    """Note a transaction that this thread is about to begin; whether it can't.

    Args:
        connection: Where it begins.
        notes: What belongs to that connection (`Connection.info`).
        database: The file.
        is_immediate: Whether it is a writer from its beginning.
    """
    transactions = _thread.transactions
    if is_immediate and _is_only_writer(connection, transactions):
        notes[_BEGINNER] = transactions
        return False
    if transactions:
        transactions[:] = _unfinished(transactions, connection)
        # Each database called :memory: is another one.
        if is_immediate and database != ":memory:":
            for transaction in transactions:
                if transaction.writes_to(database):
                    return True
    changes = None if is_immediate else connection.total_changes
    notes[_BEGINNER] = transactions
    transactions.append(_Transaction(connection, notes, database, changes))
    return False


def _is_only_writer(connection: sqlite3.Connection, transactions: list[_Transaction]) -> bool:
    """Return whether the one that a thread began before was a writer, on the same connection.

    So it is for one form after the other: what was noted then is what would be noted now.
    """
    if len(transactions) != 1:
        return False
    before = transactions[0]
    return before.connection is connection and before.changes is None


def forget_file(database: str | None) -> None:
    """Forget the transactions of this thread on a file that another one has replaced.

    Args:
        database: The file; a transaction on the old one keeps nobody from writing to the new one.
    """
    _thread.transactions[:] = [t for t in _thread.transactions if t.database != database]


def note_reader(notes: dict[Any, Any]) -> None:
    """Note that what begins now on a connection can't write: what was begun there before is over.

    Args:
        notes: What belongs to the connection.
    """
    notes[_BEGINNER] = None


def _unfinished(transactions: list[_Transaction], begins: sqlite3.Connection) -> list[_Transaction]:
    """Those that are still this thread's, and have not ended."""
    unfinished = []
    for transaction in transactions:
        connection = transaction.connection
        try:
            # In this order: whoever begins on the connection says so before.
            if (
                connection is not begins
                and connection.in_transaction
                and transaction.notes[_BEGINNER] is transactions
            ):
                unfinished.append(transaction)
        except sqlite3.ProgrammingError:  # it has been closed since
            continue
    return unfinished
