"""The facts of a table, out of the text of its CREATE TABLE and of its CREATE INDEX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from mtvgen.runtime.migrations.schema.create_table import Clause, ColumnText, CreateTable
from mtvgen.runtime.migrations.schema.facts import (
    ColumnFacts,
    ConstraintFacts,
    IndexFacts,
    Name,
    TableFacts,
)
from mtvgen.runtime.migrations.schema.sql_text import closing, meaningful, normal, tokens_of

# https://sqlite.org/datatype3.html#determination_of_column_affinity: all but these are numeric.
_NOT_NUMERIC = re.compile("CHAR|CLOB|TEXT|BLOB|JSON|DATE|TIME|UUID", re.I)
_TRUTH = {"true": "1", "false": "0"}


def table_facts(
    create: CreateTable,
    name: Name,
    indexes: Iterable[str] = (),
    keys: Mapping[str, tuple[str, ...]] | None = None,
) -> TableFacts:
    """Return what a CREATE TABLE and some CREATE INDEX say.

    Args:
        create: The parts of the statement.
        name: What to call the table.
        indexes: Statements.
        keys: The primary key of every table, for a foreign key that names no columns.
    """
    constraints = tuple(_constraints(create, keys or {}))
    key = next((c.columns for c in constraints if c.kind == "primary key"), ())
    columns = {column.name: _column(column, key) for column in create.columns}
    found = {index.name: index for index in map(index_facts, indexes)}
    return TableFacts(name, columns, constraints, found, options=frozenset(_options(create)))


def _column(column: ColumnText, key: tuple[str, ...]) -> ColumnFacts:
    default = column.clause("default")
    collate = column.clause("collate")
    made = _clause_text(column.clause("generated"))
    is_identity = made is not None and "identity" in made.split()
    return ColumnFacts(
        name=column.name,
        type=normal_type(column.type),
        nullable=column.clause("not null") is None and column.name not in key,
        default=_default(default, column.type) if default else None,
        generated=None if is_identity else _generated(column.clause("generated")),
        identity=made if is_identity else None,
        collation=_collation(collate) if collate else None,
    )


@lru_cache(maxsize=1024)
def normal_type(text: str) -> str:
    """`VARCHAR(20)`, however it is spaced."""
    spaced = " ".join(token.text.upper() for token in meaningful(tokens_of(text)))
    if spaced == "BOOL":  # as Django spells it
        return "BOOLEAN"
    return re.sub(r" ?([(),\[\]]) ?", r"\1", spaced)


def _default(clause: Clause, type_: str) -> str | None:
    text = normal(" ".join(token.text for token in clause.body[1:]))
    text = _TRUTH.get(text, text)
    if text == "null":
        return None
    number = re.fullmatch(r"'(-?[0-9]+(?:\.[0-9]+)?)'", text)
    return number[1].replace("-", "- ") if number and not _NOT_NUMERIC.search(type_) else text


def _clause_text(clause: Clause | None) -> str | None:
    return normal(" ".join(token.text for token in clause.body)) if clause else None


def _generated(clause: Clause | None) -> str | None:
    if clause is None:
        return None
    kept = "stored" if clause.body[-1].is_word("STORED") else "virtual"
    return f"{normal(clause.inner)} {kept}"


def _collation(clause: Clause) -> str | None:
    name = clause.body[1].name.lower()
    return None if name == "binary" else name


def _options(create: CreateTable) -> Iterator[str]:
    words = normal(create.options)
    yield from (option for option in ("strict", "without rowid") if option in words)
    if any("autoincrement" in normal(clause.text) for _, clause in create.every_clause()):
        yield "autoincrement"


def _constraints(
    create: CreateTable, keys: Mapping[str, tuple[str, ...]]
) -> Iterator[ConstraintFacts]:
    for column, clause in create.every_clause():
        columns = (column.name,) if column is not None else clause.columns
        if clause.kind in ("primary key", "unique"):
            definition = f"{normal(', '.join(columns))}{_conflict(clause)}"
            yield ConstraintFacts(clause.kind, clause.name, definition, columns)
        elif clause.kind == "check":
            definition = normal(clause.inner)
            yield ConstraintFacts("check", clause.name, definition, (), clause.inner)
        elif clause.kind == "foreign key":
            yield _foreign_key(clause, columns, keys)
        elif clause.kind == "exclude":
            yield ConstraintFacts("exclude", clause.name, _clause_text(clause) or "")


def _conflict(clause: Clause) -> str:
    found = re.search("on conflict ([a-z]+)", normal(clause.text))
    return f" on conflict {found[1]}" if found and found[1] != "abort" else ""


def _foreign_key(
    clause: Clause, columns: tuple[str, ...], keys: Mapping[str, tuple[str, ...]]
) -> ConstraintFacts:
    tokens = clause.body
    at = next(i for i, token in enumerate(tokens) if token.is_word("REFERENCES"))
    target, position = tokens[at + 1].name, at + 2
    schema = None
    if position < len(tokens) and tokens[position].text == ".":
        schema, target, position = target, tokens[position + 1].name, position + 2
    remote: tuple[str, ...] = ()
    if position < len(tokens) and tokens[position].text == "(":
        end = closing(tokens, position)
        remote = tuple(t.name for t in tokens[position + 1 : end] if t.text != ",")
        position = end + 1
    rules = normal(" ".join(token.text for token in tokens[position:]))
    name = Name(schema, target)
    remote = remote or keys.get(target.lower(), ())
    local = normal(", ".join(columns))
    definition = f"{local} -> {str(name).lower()} ({normal(', '.join(remote))}){_rules(rules)}"
    return ConstraintFacts("foreign key", clause.name, definition, columns, refers_to=name)


def _rules(text: str) -> str:
    """Return what a foreign key does, without what it does by default."""
    rules = []
    for event in ("update", "delete"):
        found = re.search(f"on {event} (set null|set default|cascade|restrict)", text)
        rules += [f" on {event} {found[1]}"] if found else []
    if "deferrable" in text and "not deferrable" not in text:
        rules.append(" deferrable" + " deferred" * ("initially deferred" in text))
    if found := re.search("match (full|partial)", text):
        rules.append(f" {found[0]}")
    return "".join(rules)


def index_facts(statement: str) -> IndexFacts:
    """Return what a CREATE INDEX says."""
    tokens = meaningful(tokens_of(statement))
    on = next(i for i, token in enumerate(tokens) if token.is_word("ON"))
    opening = next(i for i, token in enumerate(tokens) if token.text == "(" and i > on)
    is_unique = any(token.is_word("UNIQUE") for token in tokens[:on])
    using = " ".join(t.text.lower() for t in tokens[on + 1 : opening] if not t.is_word("ONLY"))
    kind = using.partition("using ")[2]
    rest = normal(statement[tokens[opening].start :])
    words = ["unique" * is_unique, f"using {kind}" if kind else "", rest]
    return IndexFacts(tokens[on - 1].name, " ".join(filter(None, words)), statement)


def index_parts(statement: str) -> tuple[list[str], str, bool]:
    """Return what a CREATE INDEX indexes, under which condition, and whether it is unique."""
    tokens = meaningful(tokens_of(statement))
    on = next(i for i, token in enumerate(tokens) if token.is_word("ON"))
    opening = next(i for i, token in enumerate(tokens) if token.text == "(" and i > on)
    end = closing(tokens, opening)
    starts, depth = [tokens[opening].end], 0
    stops = []
    for token in tokens[opening + 1 : end]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text == ",":
            stops.append(token.start)
            starts.append(token.end)
    stops.append(tokens[end].start)
    expressions = [statement[a:b].strip() for a, b in zip(starts, stops, strict=True)]
    where = next((t for t in tokens[end:] if t.is_word("WHERE")), None)
    condition = statement[where.end :].strip() if where else ""
    return expressions, condition, any(token.is_word("UNIQUE") for token in tokens[:on])
