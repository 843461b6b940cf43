"""The facts of a PostgreSQL database, out of its catalogs (PostgreSQL, "System Catalogs").

PostgreSQL keeps no text: it prints what it understood, in one spelling, by pg_get_expr() and its
kin. So two definitions are compared by making both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from mtvgen.runtime.migrations.schema.facts import (
    ColumnFacts,
    ConstraintFacts,
    IndexFacts,
    Name,
    SchemaFacts,
    TableFacts,
    by_name,
)

_TABLES = """
SELECT c.oid, n.nspname, c.relname, obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""

# The default of a SERIAL is its own sequence, whatever that is called.
_COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    CASE WHEN EXISTS (SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
        WHERE s.relkind = 'S' AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
            AND d.deptype = 'a' AND pg_get_expr(f.adbin, f.adrelid) LIKE 'nextval(%')
        THEN 'serial' ELSE pg_get_expr(f.adbin, f.adrelid) END,
    a.attgenerated, a.attidentity,
    (SELECT format('start %s by %s from %s to %s cache %s%s', s.seqstart, s.seqincrement,
            s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' cycle' ELSE '' END)
        FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
        WHERE d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype = 'i'),
    CASE WHEN a.attcollation <> t.typcollation
        THEN (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END,
    col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = ANY(:tables) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

_CONSTRAINTS = """
SELECT c.conrelid, c.contype, c.conname, pg_get_constraintdef(c.oid),
    ARRAY(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY place),
    n.nspname, f.relname, pg_get_expr(c.conbin, c.conrelid)
FROM pg_constraint c LEFT JOIN pg_class f ON f.oid = c.confrelid
    LEFT JOIN pg_namespace n ON n.oid = f.relnamespace
WHERE c.conrelid = ANY(:tables) AND c.contype IN ('p', 'u', 'c', 'f', 'x')
"""

_INDEXES = """
SELECT i.indrelid, c.relname, i.indisunique, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(:tables) AND i.indisvalid AND NOT EXISTS
    (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
"""

_ENUMS = """
SELECT n.nspname, t.typname, ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid
    ORDER BY e.enumsortorder)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND n.nspname = ANY(:schemas)
"""

_KINDS = {"p": "primary key", "u": "unique", "c": "check", "f": "foreign key", "x": "exclude"}


def postgresql_facts(
    connection: Connection,
    schemas: Mapping[str, str | None],
    spellings: Mapping[str, str] | None = None,
) -> SchemaFacts:
    """Return what some schemas of a database hold.

    Args:
        connection: Names that its search_path finds are printed without their schema.
        schemas: The name in the database, and the one in the facts: None for the usual one.
        spellings: What to print instead of what.
    """
    names = {"schemas": list(schemas)}

    def ask(question: str, **parameters: Any) -> list[Any]:
        rows = connection.execute(text(question), parameters)
        return [[_respelled(cell, spellings or {}) for cell in row] for row in rows]

    found = {
        oid: (Name(schemas[schema], table), comment)
        for oid, schema, table, comment in ask(_TABLES, **names)
    }
    oids = {"tables": list(found)}
    columns, constraints, indexes = defaultdict(dict), defaultdict(list), defaultdict(dict)  # type: ignore[var-annotated]  # three of the kind
    for oid, *row in ask(_COLUMNS, **oids):
        columns[oid][row[0]] = _column(*row)
    for oid, *row in ask(_CONSTRAINTS, **oids):
        constraints[oid].append(_constraint(schemas, *row))
    for oid, *row in ask(_INDEXES, **oids):
        indexes[oid][row[0]] = _index(*row)
    tables = by_name(
        TableFacts(name, columns[oid], tuple(constraints[oid]), indexes[oid], comment)
        for oid, (name, comment) in found.items()
    )
    enums = {
        Name(schemas[schema], name): tuple(labels) for schema, name, labels in ask(_ENUMS, **names)
    }
    return SchemaFacts(tables, enums)


def _respelled(cell: Any, spellings: Mapping[str, str]) -> Any:
    if isinstance(cell, str):
        for old, new in spellings.items():
            cell = cell.replace(old, new)
    return cell


def _column(
    name: str,
    type_: str,
    nullable: bool,
    default: str | None,
    generated: str,
    identity: str,
    counts: str | None,
    collation: str | None,
    comment: str | None,
) -> ColumnFacts:
    return ColumnFacts(
        name=name,
        type=type_,
        nullable=nullable,
        default=None if generated else default,
        generated=f"{default} stored" if generated else None,
        identity=f"{'always' if identity == 'a' else 'by default'} {counts}" if identity else None,
        collation=collation,
        comment=comment,
    )


def _constraint(
    schemas: Mapping[str, str | None],
    kind: str,
    name: str,
    definition: str,
    columns: list[str],
    schema: str | None,
    table: str | None,
    expression: str | None,
) -> ConstraintFacts:
    target = Name(schemas.get(schema or "", schema), table) if table else None
    return ConstraintFacts(
        _KINDS[kind], name, definition, tuple(columns), expression or "", refers_to=target
    )


def _index(name: str, is_unique: bool, statement: str) -> IndexFacts:
    rest = statement.partition(" USING ")[2]
    return IndexFacts(name, f"{'unique ' if is_unique else ''}using {rest}", statement)
