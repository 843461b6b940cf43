"""Operations as Python, as a person would write them."""

from __future__ import annotations

import re
from typing import Any

from alembic.autogenerate import render_python_code, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Interval
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.elements import ClauseElement, False_, True_
from sqlalchemy.sql.functions import FunctionElement

from mtvgen.runtime.migrations.differences.more_operations import AddKeyOp, CountOp, OptionsOp
from mtvgen.runtime.migrations.differences.renames import RenameColumnOp, RenameTableOp
from mtvgen.runtime.migrations.operations.renames import RenameOp
from mtvgen.runtime.migrations.schema.sql_text import for_reading
from mtvgen.runtime.models import UTCDateTime


@renderers.dispatch_for(AddKeyOp)
def _key(context: AutogenContext, operation: AddKeyOp) -> str:
    columns = [str(column) for column in operation.columns]
    name = f"op.f({str(operation.constraint_name)!r})"
    return f"batch_op.create_primary_key({name}, {columns!r})"


@renderers.dispatch_for(RenameOp)
def _rename(context: AutogenContext, operation: RenameOp) -> str:
    schema = f", schema={operation.schema!r}" if operation.schema else ""
    names = ", ".join(map(repr, (operation.table_name, operation.old, operation.new)))
    return f"rename_{operation.kind}({names}{schema})"


@renderers.dispatch_for(RenameTableOp)
def _rename_table(context: AutogenContext, operation: RenameTableOp) -> str:
    schema = f", schema={operation.schema!r}" if operation.schema else ""
    return f"op.rename_table({operation.table_name!r}, {str(operation.new_table_name)!r}{schema})"


@renderers.dispatch_for(RenameColumnOp)
def _rename_column(context: AutogenContext, operation: RenameColumnOp) -> str:
    schema = f", schema={operation.schema!r}" if operation.schema else ""
    names = f"{operation.table_name!r}, {operation.column_name!r}"
    return f"op.alter_column({names}, new_column_name={operation.new!r}{schema})"


@renderers.dispatch_for(OptionsOp)
def _options(context: AutogenContext, operation: OptionsOp) -> list[str]:
    arguments = f"recreate='always', table_kwargs={operation.options!r}"
    return [f"with op.batch_alter_table({operation.table_name!r}, {arguments}):", "pass", ""]


@renderers.dispatch_for(CountOp)
def _count(context: AutogenContext, operation: CountOp) -> str:
    return f"batch_op.alter_column({operation.column_name!r}, autoincrement={operation.is_on})"


def python_of(
    operations: ops.UpgradeOps | ops.DowngradeOps, dialect: Dialect
) -> tuple[str, set[str]]:
    """Return the body of upgrade() or downgrade(), and the imports that it needs.

    Args:
        operations: In their order.
        dialect: Spells the expressions in them.
    """
    imports = _own_imports(operations)
    context = MigrationContext.configure(dialect=for_reading(dialect))
    # Types of PostgreSQL are written as such on every database.
    postgresql = PostgresqlImpl(PGDialect(), None, False, None, None, {})  # type: ignore[no-untyped-call]  # SQLAlchemy's
    vars(context.impl)["render_type"] = postgresql.render_type

    def render_item(kind: str, item: Any, autogen: AutogenContext) -> Any:
        imports.update(autogen.imports)
        autogen.imports = imports
        if kind == "server_default":
            return _default(item, autogen)
        module = type(item).__module__
        if isinstance(item, UTCDateTime):
            imports.add("from mtvgen.runtime.models import UTCDateTime")
            return "UTCDateTime()"
        if isinstance(item, Interval):
            return _interval(item)
        if kind == "type" and not module.startswith("sqlalchemy."):
            imports.add(f"import {module}")
        return False

    body = render_python_code(
        operations,
        render_as_batch=True,  # a batch is right on every database
        migration_context=context,
        render_item=render_item,
    )
    return _formatted(body), imports


def _interval(type_: Interval) -> str:
    """As it was written: SQLAlchemy's own repr() leaves the digits out."""
    options = {
        word: value
        for word in ("second_precision", "day_precision")
        if (value := getattr(type_, word)) is not None
    }
    return f"sa.Interval({', '.join(f'{word}={value}' for word, value in options.items())})"


def _own_imports(operations: ops.UpgradeOps | ops.DowngradeOps) -> set[str]:
    kinds = {f"rename_{op.kind}" for op in operations.ops if isinstance(op, RenameOp)}
    return {f"from mtvgen.runtime.migrations import {', '.join(sorted(kinds))}"} if kinds else set()


def _default(item: Any, context: AutogenContext) -> Any:
    default = item.arg if isinstance(item, DefaultClause) else item
    if isinstance(default, str):
        return repr(default)
    if isinstance(default, True_ | False_):
        return f"sa.{'true' if isinstance(default, True_) else 'false'}()"
    arguments = getattr(default, "clauses", None)
    if isinstance(default, FunctionElement) and arguments is not None and not len(arguments):
        name = getattr(default, "name", "")
        if re.fullmatch("[a-z_]+", name):
            return f"sa.func.{name}()"  # now() has another name on SQLite
    if isinstance(default, ClauseElement):
        implementation = context.migration_context.impl
        text = implementation.render_ddl_sql_expr(default, is_server_default=True)
        return f"sa.text({text!r})"
    return False


def _formatted(body: str) -> str:
    """Return what Alembic wrote, without its comments, and indented as a person would."""
    body = re.sub(r"^ *# ###.*\n?", "", body, flags=re.M).strip("\n")
    body = body.replace(", schema=None", "")
    body = re.sub(r"(, )?astext_type=(sa\.)?Text\(\)", "", body)
    body = re.sub(r"(op\.create_table\()('[^']+',)", r"\1\n    \2", body)
    lines = []
    depth = 0
    for line in body.splitlines():
        lines.append("    " * (depth > 0 and line.strip() != ")") + line)
        code = re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", "", line)
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
    return "\n".join(lines)
