"""Two schemas side by side: what one has and the other has not, fact by fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mtvgen.runtime.migrations.schema.facts import (
    ColumnFacts,
    ConstraintFacts,
    IndexFacts,
    Name,
    SchemaFacts,
    TableFacts,
)


class Renamed(NamedTuple):
    """A constraint or an index that has another name, and is the same."""

    old: str
    new: str


@dataclass
class TableDifference:
    """The changes to a table that both have.

    Attributes:
        name: The table.
        added: Columns that are wanted and not held.
        dropped: Columns that are held and not wanted.
        changed: What differs of the others: `type`, `nullable`, `default`, `generated`,
            `identity` or `comment`.
        new_constraints: As they are wanted.
        old_constraints: As they are held.
        new_indexes: As they are wanted.
        old_indexes: As they are held.
        renamed_constraints: From name to name.
        renamed_indexes: From name to name.
        has_other_comment: Whether the table's comment differs.
        has_other_options: Whether SQLite's options of the table differ.
    """

    name: Name
    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)
    new_constraints: list[ConstraintFacts] = field(default_factory=list)
    old_constraints: list[ConstraintFacts] = field(default_factory=list)
    new_indexes: list[IndexFacts] = field(default_factory=list)
    old_indexes: list[IndexFacts] = field(default_factory=list)
    renamed_constraints: list[Renamed] = field(default_factory=list)
    renamed_indexes: list[Renamed] = field(default_factory=list)
    has_other_comment: bool = False
    has_other_options: bool = False

    def __bool__(self) -> bool:
        return any(value for key, value in vars(self).items() if key != "name")


@dataclass
class Difference:
    """The difference between two schemas.

    Attributes:
        added: Tables that are wanted and not held.
        dropped: Tables that are held and not wanted, and are ours to drop.
        tables: Tables that both have, where they differ.
    """

    added: list[Name]
    dropped: list[Name]
    tables: dict[Name, TableDifference]

    def __bool__(self) -> bool:
        return bool(self.added or self.dropped or self.tables)


# The condition that a column's type brings, by its name, and the column.
TypeChecks = Mapping[tuple[Name, str], str]


def compare(
    held: SchemaFacts,
    wanted: SchemaFacts,
    *,
    is_ours: Callable[[Name], bool],
    type_checks: TypeChecks,
    enums_of: Callable[[Name, str], Iterable[Name]],
) -> Difference:
    """Return what turns one schema into the other.

    Args:
        held: What there is.
        wanted: What there is to be.
        is_ours: Whether a table that nobody wants may be dropped.
        type_checks: The conditions that come and go with the type of a column.
        enums_of: The enumerated types of a wanted column.
    """
    added = [name for name in wanted.tables if name not in held.tables]
    dropped = [n for n in held.tables if n not in wanted.tables and is_ours(n)]
    tables = {}
    for name in wanted.tables.keys() & held.tables.keys():
        old, new = held.tables[name], wanted.tables[name]
        difference = _compare_tables(old, new, type_checks)
        for column in new.columns.keys() & old.columns.keys():
            for enum in enums_of(name, column):
                if held.enums.get(enum, wanted.enums.get(enum)) != wanted.enums.get(enum):
                    difference.changed.setdefault(column, set()).add("type")
        if difference:
            tables[name] = difference
    order = {name: number for number, name in enumerate(wanted.tables)}
    return Difference(added, dropped, dict(sorted(tables.items(), key=lambda t: order[t[0]])))


def _compare_tables(old: TableFacts, new: TableFacts, checks: TypeChecks) -> TableDifference:
    found = TableDifference(
        new.name,
        added=[name for name in new.columns if name not in old.columns],
        dropped=[name for name in old.columns if name not in new.columns],
        has_other_comment=old.comment != new.comment,
        has_other_options=old.options != new.options,
    )
    for name, column in new.columns.items():
        if name in old.columns and (parts := _parts(old.columns[name], column)):
            found.changed[name] = parts
    _compare_constraints(found, old, new, checks)
    _compare_indexes(found, old, new)
    return found


def _parts(old: ColumnFacts, new: ColumnFacts) -> set[str]:
    words = ("type", "nullable", "default", "generated", "identity", "comment")
    parts = {word for word in words if getattr(old, word) != getattr(new, word)}
    if old.collation != new.collation:
        parts.add("type")
    return parts


def _compare_constraints(
    found: TableDifference, old: TableFacts, new: TableFacts, checks: TypeChecks
) -> None:
    held, wanted = list(old.constraints), list(new.constraints)
    _take_type_checks(found, held, wanted, checks)
    _take_pairs(held, wanted, lambda a, b: a == b)
    # The database may not say what a constraint is called, or the models may not care.
    _take_pairs(held, wanted, lambda a, b: _is_same(a, b) and not (a.name and b.name))
    for a, b in _take_pairs(held, wanted, _is_same):
        found.renamed_constraints.append(Renamed(str(a.name), str(b.name)))
    found.old_constraints, found.new_constraints = held, wanted


def _is_same(a: ConstraintFacts, b: ConstraintFacts) -> bool:
    return (a.kind, a.definition) == (b.kind, b.definition)


def _take_type_checks(
    found: TableDifference,
    held: list[ConstraintFacts],
    wanted: list[ConstraintFacts],
    checks: TypeChecks,
) -> None:
    """Leave out the conditions of types; where one differs, its column's type does."""
    texts: dict[str, set[str]] = {}
    for constraints in (held, wanted):
        for constraint in list(constraints):
            column = checks.get((found.name, str(constraint.name)))
            if constraint.kind == "check" and column is not None:
                constraints.remove(constraint)
                texts.setdefault(column, set()).add(constraint.definition)
    for column, definitions in texts.items():
        if len(definitions) > 1:
            found.changed.setdefault(column, set()).add("type")


def _take_pairs(
    held: list[ConstraintFacts],
    wanted: list[ConstraintFacts],
    is_pair: Callable[[ConstraintFacts, ConstraintFacts], bool],
) -> list[tuple[ConstraintFacts, ConstraintFacts]]:
    """Take those out of both lists that are pairs."""
    pairs = []
    for a in list(held):
        b = next((b for b in wanted if is_pair(a, b)), None)
        if b is not None:
            held.remove(a)
            wanted.remove(b)
            pairs.append((a, b))
    return pairs


def _compare_indexes(found: TableDifference, old: TableFacts, new: TableFacts) -> None:
    held = [i for i in old.indexes.values() if new.indexes.get(i.name) != i]
    wanted = [i for i in new.indexes.values() if old.indexes.get(i.name) != i]
    for a in list(held):
        same = (b for b in wanted if b.definition == a.definition)
        b = next(same, None)
        if b is not None and a.name not in new.indexes and b.name not in old.indexes:
            held.remove(a)
            wanted.remove(b)
            found.renamed_indexes.append(Renamed(a.name, b.name))
    found.old_indexes, found.new_indexes = held, wanted
