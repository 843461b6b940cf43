"""may_guess(): how many passwords may be tried for an account, and from an address.

Each has one row, which counts from the first guess for an hour. It is written in one statement and
committed before a password is looked at, so that any number of processes count together.
"""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, case, delete, inspect, select, update
from sqlalchemy.orm import Mapped, mapped_column

from mtvgen.runtime.accounts.secret_keys import digests

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request

PER_ACCOUNT = 20  # guesses; a person needs a few, a list of common passwords has thousands
PER_ADDRESS = 40  # guesses; several people may share an address, and right passwords do not count
WINDOW = 60 * 60  # seconds
_SWEPT_AT_ONCE = 100  # rows


class GuessColumns:
    """The columns of a table of guesses: `class Guess(GuessColumns, Model)`.

    Attributes:
        who: An HMAC of the account or the address; nobody reads either from it, nor a password
            that was typed in the wrong field.
        since: When counting began, in seconds since 1970.
        tries: How many guesses there were.
    """

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[float] = mapped_column(index=True)
    tries: Mapped[int]


def may_guess(
    request: Request,
    guess_class: type[GuessColumns],
    email: str,
    *,
    action: str = "log in",
    per_account: int = PER_ACCOUNT,
    per_address: int = PER_ADDRESS,
) -> bool:
    """Count a guess, and return whether it may be looked at.

    The count is committed at once, with everything pending in `request.db`: call it before the
    view writes. An unknown account is counted as a known one.

    Args:
        request: The request at hand. Its address is the one that `allowed_hosts()` knows from the
            proxies; the addresses of one IPv6 network (/64) count as one.
        guess_class: The project's model of guesses.
        email: The account, as typed or as `normalize_email()` returns it.
        action: What is counted; each action has counts of its own.
        per_account: The most in an hour for one account, from all addresses.
        per_address: The most in an hour from one address, for all accounts.
    """
    account, address = _counted(request, email, action)
    limits = {account: per_account} | ({address: per_address} if address else {})
    tries = _count(request, guess_class, list(limits))
    request.db.commit()
    if 1 in tries.values():  # a row is new, so one that is old may go
        _sweep(request, guess_class)
    return all(tries[who] <= limit for who, limit in limits.items())


def forget_guesses(
    request: Request, guess_class: type[GuessColumns], email: str, *, action: str = "log in"
) -> None:
    """Take a right password back: the account begins at zero, the address has one guess less.

    Only one, because anybody can have an account, and log in to it after each guess at another.

    Args:
        request: The request at hand.
        guess_class: The project's model of guesses.
        email: As for `may_guess()`.
        action: As for `may_guess()`.
    """
    table: Any = guess_class
    account, address = _counted(request, email, action)
    request.db.execute(delete(table).where(table.who == account))
    fewer = update(table).where(table.who == address, table.tries > 0)
    request.db.execute(fewer.values(tries=table.tries - 1))


def _counted(request: Request, email: str, action: str) -> tuple[str, str | None]:
    address = _network(request.environ.get("REMOTE_ADDR", ""))
    account_digest = digests(request, "guess", action, "account", email)[0]
    if not address:  # a Unix socket of a proxy that is not trusted: everybody would be one
        return account_digest, None
    return account_digest, digests(request, "guess", action, "address", address)[0]


def _network(address: str) -> str:
    """Return what one client has of addresses: of IPv6 at least a /64 (RFC 6177)."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))


def _count(request: Request, guess_class: type[GuessColumns], who: list[str]) -> dict[str, int]:
    """Add one to each row, in one statement and one order; one that is too old begins again."""
    table: Any = inspect(guess_class).local_table
    now = time.time()
    insert = _insert_of(request.db.get_bind().dialect.name)
    statement = insert(table).values([{"who": one, "since": now, "tries": 1} for one in who])
    is_old = table.c.since < now - WINDOW
    counted = statement.on_conflict_do_update(
        index_elements=[table.c.who],
        set_={
            "tries": case((is_old, 1), else_=table.c.tries + 1),
            "since": case((is_old, now), else_=table.c.since),
        },
    ).returning(table.c.who, table.c.tries)
    return {row[0]: row[1] for row in request.db.execute(counted)}


def _insert_of(dialect: str) -> Any:
    """Return the insert() of a database; a site with SQLite does not load that of PostgreSQL."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def _sweep(request: Request, guess_class: type[GuessColumns]) -> None:
    """Delete rows that count nothing any more; those that another process holds are skipped."""
    table: Any = guess_class
    old = (
        select(table.who)
        .where(table.since < time.time() - WINDOW)
        .limit(_SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    request.db.execute(
        delete(table).where(table.who.in_(old)).execution_options(synchronize_session=False)
    )
    request.db.commit()
