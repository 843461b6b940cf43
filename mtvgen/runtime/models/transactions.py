"""The beginning of each kind of transaction on one database."""

from __future__ import annotations

from typing import NamedTuple


class Start(NamedTuple):
    """The beginning of a transaction.

    Attributes:
        statement: The SQL.
        is_reader: Whether writes are refused in it.
        by_default: The SQL that is enough on a connection that has these settings by default.
    """

    statement: str
    is_reader: bool = False
    by_default: str = ""


class Starts(NamedTuple):
    """How each kind of transaction begins on one database.

    Attributes:
        plain: Without a lock before the first write: a prompt, an engine by hand.
        reader: For requests with safe methods.
        writer: For requests with unsafe methods.
        worker: For work outside requests.
    """

    plain: Start
    reader: Start
    writer: Start
    worker: Start


# The execution option of an engine that holds its Start.
OPTION = "mtvgen_start"
