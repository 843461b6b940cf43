"""Rows of a table as choices: one or some; a row that is not offered is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select
from sqlalchemy.exc import InvalidRequestError

from mtvgen.runtime.forms.database.columns import mapper_of
from mtvgen.runtime.forms.errors import FormError, Refused
from mtvgen.runtime.forms.extras import Rows
from mtvgen.runtime.forms.kinds.base import Kind

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context
    from mtvgen.runtime.forms.database.columns import Facts

_MAX_KEY = 18  # digits of a key that is a number: below 2 ** 63


class Row(Kind):
    """One row.

    Args:
        model: The model.
        extra: Its label, and which rows there are.
        facts: Where the field is saved.
        field: The field, for messages.
    """

    control = "select"
    missing = "choose"

    def __init__(self, model: type, extra: Rows, facts: Facts | None, field: str) -> None:
        mapper = mapper_of(model)
        if len(mapper.primary_key) != 1:
            raise FormError(
                f"{field}: rows() can't offer {model.__name__}, whose key has several columns."
            )
        self._model, self._extra = model, extra
        self._attribute = None if facts is None else facts.attribute
        self._key: Any = mapper.get_property_by_column(mapper.primary_key[0]).class_attribute
        self._key_type = _python_type(self._key)
        label = extra.label
        if isinstance(label, str) and label not in mapper.all_orm_descriptors:
            raise FormError(f"{field}: rows({label!r}), and {model.__name__} has no {label!r}.")
        self._label: Callable[[Any], str] = (
            (lambda row: str(getattr(row, label))) if isinstance(label, str) else label
        )

    def parse(self, text: str, context: Context) -> Any:
        """Return the row of a key."""
        return self._rows_of([text], context)[0]

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return its key."""
        return [str(self._key_in(value))]

    def options(self, context: Context) -> list[tuple[str, str]]:
        """Return all that are offered."""
        with context.db.no_autoflush:
            rows = list(context.db.scalars(self._offered(context)).unique())
        rows += [row for row in self._kept(context) if row not in rows]
        return [(str(self._key_in(row)), self._label(row)) for row in rows]

    def from_json(self, value: Any) -> list[str]:
        """Return a key."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Refused("json_text")
        return [str(value)]

    def _offered(self, context: Context) -> Select[Any]:
        if self._extra.statement is None:
            label = self._extra.label
            order = getattr(self._model, label) if isinstance(label, str) else self._key
            return select(self._model).order_by(order, self._key)
        if context.request is None:
            raise FormError(
                f"{context.form_name} offers rows for a request. "
                f"-> {context.form_name}.of(row, request)"
            )
        return self._extra.statement(context.request)

    def _rows_of(self, texts: Sequence[str], context: Context) -> list[Any]:
        """Return the rows of the keys, in their order.

        Raises:
            Refused: One is not among those that are offered, nor chosen before.
        """
        keys = list(dict.fromkeys(self._key_of(text) for text in texts))
        # The statement may have a limit of its own, which counts before this condition.
        offered = self._offered(context).with_only_columns(self._key).subquery()
        wanted: Select[Any] = select(self._model).where(
            self._key.in_(keys), self._key.in_(select(*offered.c))
        )
        with context.db.no_autoflush:
            found = {self._key_in(row): row for row in context.db.scalars(wanted).unique()}
        if len(found) < len(keys):
            found |= {self._key_in(row): row for row in self._kept(context)}
            if not found.keys() >= set(keys):
                raise Refused("choice")
        return [found[key] for key in keys]

    def _kept(self, context: Context) -> list[Any]:
        """Return what the changed row has already: it is not lost because it is not offered now."""
        if context.row is None or self._attribute is None:
            return []
        try:
            value = getattr(context.row, self._attribute)
        except InvalidRequestError:  # lazy="raise": nobody has fetched it, and nobody shows it
            return []
        if value is None or isinstance(value, self._model):
            return [] if value is None else [value]
        return list(value)

    def _key_in(self, row: Any) -> Any:
        return getattr(row, self._key.key)

    def _key_of(self, text: str) -> Any:
        """Return the key of a text, which is written in one way."""
        try:
            key = self._key_type(text) if len(text) <= _MAX_KEY or self._key_type is not int else 0
        except (ValueError, TypeError, ArithmeticError) as error:
            raise Refused("choice") from error
        if str(key) != text:
            raise Refused("choice")
        return key


class SomeRows(Row):
    """Any number of rows, as boxes."""

    control = "boxes"
    many = True

    def parse_many(self, texts: list[str], context: Context) -> list[Any]:
        """Return the rows of the keys."""
        wanted = [text for text in texts if text]
        return self._rows_of(wanted, context) if wanted else []

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return their keys."""
        return [str(self._key_in(row)) for row in value]

    def from_json(self, value: Any) -> list[str]:
        """Return a list of keys."""
        if not isinstance(value, list):
            raise Refused("json_list")
        return [text for key in value for text in super(SomeRows, self).from_json(key)]


def _python_type(key: Any) -> Callable[[str], Any]:
    kind: Callable[[str], Any] = key.type.python_type
    return kind


def is_unfetched(error: Exception) -> bool:
    """Return whether `lazy="raise"` refused to fetch a relationship."""
    return isinstance(error, InvalidRequestError)
