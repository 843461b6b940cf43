"""Listing: the rows of a model as a list that can be searched, filtered, sorted and exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    func,
    inspect,
    literal,
    or_,
    select,
    union_all,
)

from mtvgen.runtime.http.errors import NotFound
from mtvgen.runtime.lists.filters import Choice, Filter, RowFilter
from mtvgen.runtime.lists.order import Order, Place
from mtvgen.runtime.lists.page import PLACE, Page
from mtvgen.runtime.lists.spreadsheet import csv_response
from mtvgen.runtime.lists.texts import text_of, value_of
from mtvgen.runtime.support.suggestions import did_you_mean

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request
    from mtvgen.runtime.responses.response import Response

M = TypeVar("M")
MOST_COUNTED = 10_000  # rows; counting more takes longer than showing them
MOST_SEARCHED = 100  # characters; a search costs more the longer its word is
BATCH = 500  # rows of a file that are in memory at a time


class Listing(Generic[M]):
    """A list of a model's rows.

        BOOKS = Listing(
            Book,
            load=[joinedload(Book.author)],
            search=[Book.title],
            sort=[Book.title, Book.price],
            filters=[Book.genre, (Book.author, Author.name)],
        )

    Args:
        model: The model; its key is one column.
        load: What its pages show of other tables, as `select(...).options(...)` takes it.
        search: The texts that a search looks into.
        sort: The columns that visitors may sort by.
        filters: Columns of an Enum or a bool; and relationships that lead to one row, each with
            the attribute that shows it.
        first: The order where the visitor has not chosen one, such as `"title"` or `"-price"`;
            by default the newest key first.
        size: How many rows a page has.
        where: Which rows there are for a request; by default all of them.

    Attributes:
        model: The model.
    """

    def __init__(
        self,
        model: type[M],
        *,
        load: Sequence[Any] = (),
        search: Sequence[Any] = (),
        sort: Sequence[Any] = (),
        filters: Sequence[Any] = (),
        first: str | None = None,
        size: int = 50,
        where: Callable[[Request], ColumnElement[bool]] | None = None,
    ) -> None:
        self.model = model
        self._load = load
        self._search = search
        self._sort = sort
        self._given_filters = filters
        self._first = first
        self._size = size
        self._where = where

    def page(self, request: Request) -> Page[M]:
        """Return the page that the address asks for, in two queries.

        The parameters are `q` (what is searched for), `sort`, and one for each filter.

        Args:
            request: The request.

        Raises:
            NotFound: A parameter has a value that the list does not know.
        """
        parameters, order = self._parameters(request), self._order(request)
        found = self._found(request, parameters)
        rows, has_previous, has_next = self._rows(request, found, order)
        count, choices = self._counted(request, found, parameters)
        return Page(
            rows,
            min(count, MOST_COUNTED),
            count <= MOST_COUNTED,
            parameters,
            order.name,
            _link(parameters, "before", order, rows[0]) if has_previous and rows else None,
            _link(parameters, "after", order, rows[-1]) if has_next and rows else None,
            choices,
        )

    def csv(
        self,
        request: Request,
        filename: str,
        columns: Mapping[str, Callable[[M], object]],
        *,
        load: Sequence[Any] = (),
    ) -> Response:
        """Return all that the list finds, in its order, as a file for a spreadsheet.

        The rows are read while the file is sent, a few at a time.

        Args:
            request: The request; its search, filters and order count.
            filename: The name of the file.
            columns: A function for each column; it takes the row.
            load: What the columns need of other tables besides what the pages show.

        Raises:
            NotFound: A parameter has a value that the list does not know.
        """
        found = self._found(request, self._parameters(request)).options(*load)
        rows = self._batches(request, found, self._order(request))
        return csv_response(request, filename, columns, rows)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of its filters."""
        return tuple(given.parameter for given in self._filters)

    @cached_property
    def _key(self) -> Any:
        mapper = inspect(self.model)
        return mapper.get_property_by_column(mapper.primary_key[0]).class_attribute

    @cached_property
    def _filters(self) -> list[Filter]:
        return [
            RowFilter(*given) if isinstance(given, tuple) else Filter(given)
            for given in self._given_filters
        ]

    @cached_property
    def _sortable(self) -> dict[str, Any]:
        return {attribute.key: attribute for attribute in (self._key, *self._sort)}

    def _parameters(self, request: Request) -> dict[str, str]:
        names = ["q", "sort", *(given.parameter for given in self._filters)]
        texts = {name: request.query.get(name, "").strip() for name in names}
        texts["q"] = texts["q"][:MOST_SEARCHED] if self._search else ""
        return {name: text for name, text in texts.items() if text}

    def _order(self, request: Request) -> Order:
        name = request.query.get("sort", "") or self._first or f"-{self._key.key}"
        attribute = name.removeprefix("-")
        if attribute not in self._sortable:
            meant = did_you_mean(attribute[:40], self._sortable)
            raise NotFound(f"The list is not sorted by {attribute[:40]!r}.{meant}")
        return Order(name, self._sortable[attribute], self._key, name.startswith("-"))

    def _found(self, request: Request, parameters: Mapping[str, str]) -> Select[Any]:
        """Return the statement of all rows that are asked for, without an order."""
        found: Select[Any] = select(self.model)
        if self._where is not None:
            found = found.where(self._where(request))
        for given in self._filters:
            if text := parameters.get(given.parameter):
                found = found.where(given.condition(text))
        if word := parameters.get("q"):
            found = found.where(or_(*(a.icontains(word, autoescape=True) for a in self._search)))
        return found

    def _rows(
        self, request: Request, found: Select[Any], order: Order
    ) -> tuple[list[M], bool, bool]:
        """Return the rows of the page, and whether there are some before and behind it."""
        goes_back = "before" in request.query
        place = self._place(request, order)
        way = order.reversed() if goes_back else order
        statement = way.sorted(found).options(*self._load).limit(self._size + 1)
        if place is not None:
            statement = statement.where(way.behind(place))
        rows = list(request.db.scalars(statement).unique())
        has_more = len(rows) > self._size  # one more than is shown
        del rows[self._size :]
        if goes_back:
            return rows[::-1], has_more, True
        return rows, place is not None, has_more

    def _place(self, request: Request, order: Order) -> Place | None:
        query = request.query
        name = "before" if "before" in query else "after"
        if name not in query:
            return None
        key = value_of(query[name], self._key.type)
        at = query.get("at")
        value = None if at is None else value_of(at, order.column.type)
        return Place(value, key)

    def _counted(
        self, request: Request, found: Select[Any], parameters: Mapping[str, str]
    ) -> tuple[int, dict[str, Sequence[Choice]]]:
        """Return how many rows there are, and what each filter has to choose: one query for all."""
        some = found.with_only_columns(self._key).limit(MOST_COUNTED + 1).subquery()
        number = cast(select(func.count()).select_from(some).scalar_subquery(), String)
        parts: list[Any] = [select(literal("", String), number, literal("", String))]
        for given in self._filters:
            rows = given.rows(parameters.get(given.parameter, ""))
            if rows is not None:
                parts.append(select(*rows.subquery().c))
        choices: dict[str, list[Choice]] = {
            given.parameter: list(given.choices) for given in self._filters
        }
        count = 0
        for parameter, value, label in request.db.execute(union_all(*parts)):
            if parameter:
                choices[parameter].append((self._sent(parameter, value), label or value))
            else:
                count = int(value)
        for given in self._filters:
            if isinstance(given, RowFilter):
                choices[given.parameter].sort(key=lambda choice: choice[1].casefold())
        return count, dict(choices)

    def _sent(self, parameter: str, value: str) -> str:
        """Return a key as an address has it: SQLite's own text of a UUID has no hyphens."""
        (given,) = (given for given in self._filters if given.parameter == parameter)
        return str(value_of(value, given.key_type))

    def _batches(self, request: Request, found: Select[Any], order: Order) -> Iterator[M]:
        statement = order.sorted(found).options(*self._load).limit(BATCH)
        rows = list(request.db.scalars(statement).unique())
        while rows:
            yield from rows
            if len(rows) < BATCH:
                return
            rest = statement.where(order.behind(order.place_of(rows[-1])))
            rows = list(request.db.scalars(rest).unique())


def _link(parameters: Mapping[str, str], name: str, order: Order, row: Any) -> str:
    """Return the link to the page before or behind a row."""
    place = order.place_of(row)
    position = {name: text_of(place.key)}
    if not order.is_by_key and place.value is not None:
        position["at"] = text_of(place.value)
    rest = {key: value for key, value in parameters.items() if key not in PLACE}
    return f"?{urlencode({**rest, **position})}"
