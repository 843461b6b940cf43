"""set_password() and check_password(): hashes of passwords, with no transaction open meanwhile.

A hash takes a tenth of a second. If a transaction were open, nobody else could write to SQLite for
that time with each guess.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session, object_session

from mtvgen.runtime.security.passwords import hash_password, needs_rehash, verify_password


def set_password(user: Any, password: str) -> bool:
    """Give somebody a password, and say whether it was set.

    For a person who is in the database, everything pending in the session is committed first. The
    new hash replaces the old one in one statement; whoever loses a race with somebody else who
    sets the password at the same moment, as with two reset links, changes nothing.

    Args:
        user: An object with `password_hash`; a new one needs no session.
        password: What was typed.

    Returns:
        False if the password has been changed since `user` was read.

    Raises:
        ValueError: It has more than `MAX_PASSWORD_LENGTH` characters.
    """
    db = object_session(user)
    if db is None or user in db.new:
        user.password_hash = hash_password(password)
        return True
    db.commit()
    return _replace(db, user, hash_password(password))


def check_password(db: Session, user: Any | None, password: str) -> bool:
    """Return whether this is the person's password; for nobody the same work, and False.

    Everything pending in the session is committed first. A hash with other costs, or one of
    Werkzeug or Django, is made again from the right password.

    Args:
        db: `request.db`.
        user: An object with `password_hash`; None where no account has the address.
        password: What was typed, of any length.
    """
    db.commit()
    kept = None if user is None else user.password_hash
    try:
        is_right = verify_password(password, kept)
    except ValueError:  # nothing fits: an account without a password, as Django's "!..." is
        verify_password(password, None)
        return False
    if user is None or kept is None or not is_right:
        return False
    # Also says whether the password is still this one: it may have been changed meanwhile.
    return _replace(db, user, hash_password(password) if needs_rehash(kept) else kept)


def _replace(db: Session, user: Any, password_hash: str) -> bool:
    """Write a hash instead of the one that was read; False where it is another by now."""
    table = type(user)
    replace = (
        update(table)
        .where(table.id == user.id, table.password_hash == user.password_hash)
        .values(password_hash=password_hash)
        .execution_options(synchronize_session=False)
    )
    done = cast("CursorResult[Any]", db.execute(replace))
    if done.rowcount != 1:
        return False
    db.refresh(user, ["password_hash"])
    return True
