"""A column keeps its name in the database when its attribute gets another one.

`title: Mapped[str]` becomes `heading: Mapped[str] = mapped_column("title")`: the tables stay as
they are, with what is in them, and no migration is needed. Where the attribute is called what the
column is, `"title"` goes again.
"""

from __future__ import annotations

import ast

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.places import whole
from mtvgen.checks.report import Edit
from mtvgen.checks.uses.members.text_edits import (
    before,
    before_end,
    behind,
    between,
    with_import,
    without_import,
)
from mtvgen.records import record

_MAKERS = frozenset({"mapped_column", "Column"})
_ORM = "sqlalchemy.orm"
_MAPPED_COLUMN = f"{_ORM}.mapped_column"


@record(frozen=True)
class NoCall:
    """A column is made in a way in which it can't be given a name: where that is."""

    place: Place


def kept_name(module: Module, statement: ast.stmt, kept: str, new: str) -> list[Edit] | NoCall:
    """Return the edits by which a column keeps its name in the database.

    Args:
        module: The file.
        statement: The statement of a class that defines the attribute.
        kept: What the database calls the column; empty if it is named elsewhere already.
        new: What the attribute will be called.
    """
    call = _maker_in(module, statement)
    written = call.args[0] if call is not None and call.args else None
    if call is not None and isinstance(written, ast.Constant) and isinstance(written.value, str):
        return _without_name(module, statement, call, new) if written.value == new else []
    is_named = call is not None and any(word.arg == "name" for word in call.keywords)
    if not kept or is_named:
        return []
    if call is not None:
        return [_named(module, call, kept)]
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return _made(module, statement, kept)
    return NoCall(module.place(statement))


def _maker_in(module: Module, statement: ast.stmt) -> ast.Call | None:
    """Return the call of mapped_column() in a statement, or in what a function returns."""
    values: list[ast.AST | None] = []
    if isinstance(statement, ast.AnnAssign | ast.Assign):
        values = [statement.value]
    elif isinstance(statement, ast.FunctionDef):
        values = [one.value for one in ast.walk(statement) if isinstance(one, ast.Return)]
    calls = [
        node
        for value in values
        for node in (ast.walk(value) if value is not None else ())
        if isinstance(node, ast.Call) and _is_maker(module.dotted_name(node.func))
    ]
    return calls[0] if len(calls) == 1 else None


def _is_maker(dotted: str) -> bool:
    return dotted.startswith("sqlalchemy.") and dotted.rpartition(".")[2] in _MAKERS


def _named(module: Module, call: ast.Call, kept: str) -> Edit:
    """`mapped_column(String)` -> `mapped_column("title", String)`."""
    first = _first(module, call.args + call.keywords)
    if first is not None:
        return Edit(before(first), f'"{kept}", ')
    return Edit(before_end(whole(module.text, call)), f'"{kept}"')


def _first(module: Module, nodes: list[ast.expr | ast.keyword]) -> Place | None:
    places = [whole(module.text, node) for node in nodes]
    return min(places) if places else None


def _made(module: Module, statement: ast.AnnAssign, kept: str) -> list[Edit]:
    """`title: Mapped[str]` -> `title: Mapped[str] = mapped_column("title")`."""
    end = behind(whole(module.text, statement.annotation))
    names = {meant: name for name, meant in module.names.items()}
    if _MAPPED_COLUMN in names:
        maker = names[_MAPPED_COLUMN]
    elif _ORM in names:
        maker = f"{names[_ORM]}.mapped_column"
    else:
        maker = "mapped_column"
    imports = [] if names.keys() & {_MAPPED_COLUMN, _ORM} else with_import(module, _ORM, maker)
    return [*imports, Edit(end, f' = {maker}("{kept}")')]


def _without_name(module: Module, statement: ast.stmt, call: ast.Call, new: str) -> list[Edit]:
    """The other way round: the name of a column that its attribute has again goes."""
    written = whole(module.text, call.args[0])
    others: list[ast.expr | ast.keyword] = [*call.args[1:], *call.keywords]
    following = _first(module, others)
    if following is not None:
        return [Edit(between(before(written), before(following)), "")]
    if isinstance(statement, ast.AnnAssign) and statement.value is call:
        start = behind(whole(module.text, statement.annotation))
        end = behind(whole(module.text, call))
        gone = without_import(module, _MAPPED_COLUMN, 1)
        return [*gone, Edit(between(start, end), "")]
    return [Edit(between(before(written), before_end(whole(module.text, call))), "")]
