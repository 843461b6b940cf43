"""Models as their files have them, without SQLAlchemy: those left out, and doubtful columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import MODEL
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem
from mtvgen.syntax_trees import walk


def unimported_models(sources: Sources) -> Iterator[Problem]:
    """Files of models that importing models/__init__.py leaves out: no migration sees them."""
    package = sources.modules.get("models")
    if package is None or package.file != "models/__init__.py" or package.tree is None:
        return
    source = ast.dump(package.tree)
    if "pkgutil" in source or "importlib" in source or "__import__" in source:
        return  # it imports what it finds
    imported = sources.imported_by("models")
    for module in sources.modules.values():
        if not module.name.startswith("models.") or module.name in imported:
            continue
        models = [node for node in module.classes.values() if _is_table(node, module, sources)]
        if models:
            message = f"models/__init__.py does not import {module.file}."
            hint = f"-> add there: from {module.name} import {models[0].name}"
            yield Problem("models.not-imported", module.place(models[0]), message, hint)


def _is_table(node: ast.ClassDef, module: Module, sources: Sources) -> bool:
    """Return whether a class is a model with a table, and no base for others."""
    is_abstract = any(
        isinstance(part, ast.Name) and part.id == "__abstract__" for part in walk(node)
    )
    parents = sources.ancestors(f"{module.name}.{node.name}")
    return not is_abstract and MODEL in parents


# What SQLAlchemy calls a column, and the types of it that are another thing on each database.
_COLUMNS = frozenset(
    {"sqlalchemy.orm.mapped_column", "sqlalchemy.Column", "sqlalchemy.schema.Column"}
)
_WALL_CLOCKS = frozenset(
    f"{module}.{name}"
    for module in ("sqlalchemy", "sqlalchemy.types", "sqlalchemy.dialects.postgresql")
    for name in ("DateTime", "DATETIME", "TIMESTAMP")
)


def explicit_datetimes(sources: Sources) -> Iterator[Problem]:
    """Yield notes on columns of a model that are `DateTime()`, and not `Mapped[datetime]`."""
    for module in sources.modules.values():
        yield from module.once(_explicit_datetimes)


def _explicit_datetimes(module: Module) -> list[Problem]:
    if not any(target.startswith("sqlalchemy") for target in module.names.values()):
        return []
    return [
        problem
        for model in module.classes.values()
        for node in walk(model)
        if isinstance(node, ast.Call) and module.dotted_name(node.func) in _COLUMNS
        for problem in _of_column(node, module)
    ]


def _of_column(column: ast.Call, module: Module) -> Iterator[Problem]:
    for argument in (*column.args, *(keyword.value for keyword in column.keywords)):
        kind = argument.func if isinstance(argument, ast.Call) else argument
        if module.dotted_name(kind) in _WALL_CLOCKS:
            written = ast.unparse(argument)
            yield Problem(
                "models.datetime",
                module.place(argument),
                f"{written} means one thing on SQLite and another on PostgreSQL.",
                "-> leave it out: Mapped[datetime] is the same moment on both, with its time zone",
                "note",
            )
