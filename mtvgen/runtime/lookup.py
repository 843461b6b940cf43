"""get_or_404(): what a page is about, or the page that says there is no such thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from mtvgen.runtime.http.errors import NotFound

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

T = TypeVar("T")


@overload
def get_or_404(db: Session, model: type[T], key: Any, /) -> T: ...


@overload
def get_or_404(db: Session, statement: Select[T], /) -> T: ...


def get_or_404(db: Session, wanted: Any, /, *key: Any) -> Any:
    """One object: by its primary key, or by a statement that finds at most one.

        note = get_or_404(request.db, Note, id)
        note = get_or_404(request.db, select(Note).where(Note.slug == slug))

    Args:
        db: A session, such as `request.db`.
        wanted: A model with a key behind it (a tuple where the key has several columns),
            or a `select(...)`.
        *key: The key, for a model.

    Raises:
        NotFound: There is none.
        TypeError: More than one key is given.
        sqlalchemy.exc.MultipleResultsFound: The statement finds more than one.
    """
    if len(key) > 1:  # Session.get() would take the second for its options
        name = getattr(wanted, "__name__", "Model")
        raise TypeError(
            f"get_or_404(): {len(key)} keys are one too many. "
            f"A key of several columns is a tuple: get_or_404(db, {name}, {key!r})."
        )
    try:
        found = db.get(wanted, *key) if key else db.scalars(wanted).unique().one_or_none()
    except Exception as error:
        if not _is_out_of_range(error):
            raise
        # A number that no column can hold is the number of nothing. PostgreSQL takes no further
        # statement in this transaction, and the page that says so may ask for more.
        db.rollback()
        raise NotFound from error
    if found is None:
        raise NotFound
    return found


def _is_out_of_range(error: Exception) -> bool:
    """Return whether a driver refused a number: sqlite3 itself, PostgreSQL by its error code."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return isinstance(error, OverflowError) or state == "22003"
