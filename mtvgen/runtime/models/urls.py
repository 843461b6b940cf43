"""Database URLs: checked, and in words."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from mtvgen.runtime.support.faults import Fault, FaultError
from mtvgen.runtime.support.locations import shown

EXAMPLES = "sqlite:///db.sqlite3, or postgresql://user:password@host/name"


class DatabaseURLError(FaultError, ValueError):
    """A database URL that can't be used; the message never shows its password."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(Fault("database-url", message, cure))


def parse_url(text: str | Path) -> URL:
    """Return a database's URL, checked, with the driver that the recipe is for.

    Args:
        text: `sqlite:////absolute/path`, `sqlite://` (in memory), `postgresql://...` or
            `postgres://...`; or the Path of a SQLite file.

    Raises:
        DatabaseURLError: It is none of these, its SQLite path is relative,
            or the driver is not installed.
    """
    if isinstance(text, Path):
        return _checked_sqlite(URL.create("sqlite", database=str(text)))
    try:
        url = make_url(re.sub(r"^postgres(?=:|\+)", "postgresql", text.strip()))
    except (ArgumentError, ValueError):
        # Not its cause, which may quote a password that was taken for a port.
        raise DatabaseURLError(f"{_masked(text)!r} is not a database URL.", EXAMPLES) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        _check_parts(url, text)
        return _checked_sqlite(url)
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return _checked_postgresql(url)
    raise DatabaseURLError(
        f"{url.drivername!r} is not supported: SQLite is, and PostgreSQL through psycopg 3.",
        EXAMPLES,
    )


def _check_parts(url: URL, text: str) -> None:
    """Refuse a URL in which something other than the path is taken for a part of the path."""
    if url.host is not None:
        raise DatabaseURLError(
            f"{_masked(text)!r} names a host.", "a file has three slashes: sqlite:///..."
        )
    unknown = url.query.keys() - _OPTIONS
    if "uri" not in url.query and (unknown or ("?" in text and not url.query)):
        raise DatabaseURLError(
            f"{_masked(text)!r}: what follows the ? is not an option of SQLite.",
            "write %3F for a ? in the path",
        )


# Those of sqlite3.connect() that SQLAlchemy takes from a URL; with uri=true, SQLite's own as well.
_OPTIONS = frozenset(
    {"cached_statements", "check_same_thread", "detect_types", "isolation_level", "timeout"}
)


def _checked_sqlite(url: URL) -> URL:
    path = url.database or ":memory:"
    if path != ":memory:" and not path.startswith("file:") and not Path(path).is_absolute():
        raise DatabaseURLError(
            f"{str(url)!r} is relative to the current directory, which differs from server to "
            "server.",
            "read it with Settings, which puts it in the project, or write "
            "sqlite:////absolute/path",
        )
    return url.set(drivername="sqlite+pysqlite", database=path)


def _checked_postgresql(url: URL) -> URL:
    if find_spec("psycopg") is None:
        raise DatabaseURLError(
            "PostgreSQL needs its driver, psycopg 3.", 'pip install "mtvgen[postgresql]"'
        )
    return url.set(drivername="postgresql+psycopg")


def _masked(text: str) -> str:
    """Return a URL, or what was meant to be one, without its user and passwords."""
    before, at, rest = text.rpartition("@")
    scheme = before.partition("//")[0] + "//" if "//" in before else ""
    return re.sub(r"(?<=password=)[^&]*", "***", f"{scheme}***@{rest}" if at else text)


def describe(url: URL) -> str:
    """Name a database: `sqlite db.sqlite3`, `postgresql blog at db.example.com`."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite {'in memory' if is_in_memory(url) else shown(str(url.database))}"
    port = f":{url.port}" if url.port else ""
    return f"postgresql {url.database or ''} at {url.host or 'this machine'}{port}"


def is_in_memory(url: URL) -> bool:
    """Return whether a SQLite database lives in memory."""
    return url.database == ":memory:" or url.query.get("mode") == "memory"
