"""A column keeps its name in the database when its attribute gets another one.

`title: Mapped[str]` becomes `heading: Mapped[str] = mapped_column("title")`: the tables stay as
they are, with what is in them, and no migration is needed. Where the attribute is called what the
column is, `"title"` goes again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.places import whole
from mtvgen.checks.report import Edit
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
    if not kept:
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
        return Edit(_before(first), f'"{kept}", ')
    return Edit(_before_end(whole(module.text, call)), f'"{kept}"')


def _first(module: Module, nodes: list[ast.expr | ast.keyword]) -> Place | None:
    places = [whole(module.text, node) for node in nodes]
    return min(places) if places else None


def _made(module: Module, statement: ast.AnnAssign, kept: str) -> list[Edit]:
    """`title: Mapped[str]` -> `title: Mapped[str] = mapped_column("title")`."""
    end = _behind(whole(module.text, statement.annotation))
    names = {meant: name for name, meant in module.names.items()}
    if _MAPPED_COLUMN in names:
        maker = names[_MAPPED_COLUMN]
    elif _ORM in names:
        maker = f"{names[_ORM]}.mapped_column"
    else:
        maker = "mapped_column"
    imports = _import(module) if maker not in names.values() and "." not in maker else ()
    return [*imports, Edit(end, f' = {maker}("{kept}")')]


def _import(module: Module) -> Iterator[Edit]:
    """Yield what imports mapped_column, next to Mapped."""
    for node in ast.walk(module.tree) if module.tree is not None else ():
        if isinstance(node, ast.ImportFrom) and node.module == _ORM:
            alias = next((one for one in node.names if one.name == "Mapped"), node.names[-1])
            yield Edit(_behind(whole(module.text, alias)), ", mapped_column")
            return


def _without_name(module: Module, statement: ast.stmt, call: ast.Call, new: str) -> list[Edit]:
    """The other way round: the name of a column that its attribute has again goes."""
    written = whole(module.text, call.args[0])
    others: list[ast.expr | ast.keyword] = [*call.args[1:], *call.keywords]
    following = _first(module, others)
    if following is not None:
        return [Edit(_between(_before(written), _before(following)), "")]
    if isinstance(statement, ast.AnnAssign) and statement.value is call:
        start = _behind(whole(module.text, statement.annotation))
        end = _behind(whole(module.text, call))
        return [*_without_import(module, call), Edit(_between(start, end), "")]
    return [Edit(_between(_before(written), _before_end(whole(module.text, call))), "")]


def _without_import(module: Module, call: ast.Call) -> Iterator[Edit]:
    """Yield what takes the import of mapped_column away that nothing else needs."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    nodes = list(ast.walk(module.tree)) if module.tree is not None else []
    uses = [one for one in nodes if isinstance(one, ast.Name) and one.id == name]
    for node in nodes if len(uses) == 1 else ():
        aliases = node.names if isinstance(node, ast.ImportFrom) else []
        for before, alias in pairwise(aliases):
            if (alias.asname or alias.name) == name:
                ends = (_behind(whole(module.text, one)) for one in (before, alias))
                yield Edit(_between(*ends), "")


def _before(place: Place) -> Place:
    return place._replace(end_line=place.line, end_column=place.column)


def _behind(place: Place) -> Place:
    return place._replace(line=place.end_line, column=place.end_column)


def _before_end(place: Place) -> Place:
    """Return the place before the last character, which closes a call."""
    end = _behind(place)
    return end._replace(column=end.column - 1, end_column=end.column - 1)


def _between(start: Place, end: Place) -> Place:
    return start._replace(end_line=end.line, end_column=end.column)
