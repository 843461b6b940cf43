"""Edits of Python files: an import, an argument of a call, an item of a list."""

from __future__ import annotations

import ast

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Edit


def add_import(module: Module, source: str, name: str, alias: str = "") -> Edit | None:
    """Return the edit that adds `from source import name`; None where it is imported already."""
    if module.tree is None or (alias or name) in module.names:
        return None
    name = f"{name} as {alias}" if alias else name
    imports = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        if isinstance(node, ast.ImportFrom) and module.imported_module(node) == source:
            return _add_to_import(module, node, name)
    line = f"from {source} import {name}\n"
    gap = "" if imports or not _has_docstring(module) else "\n"
    return Edit(_line_for_import(module, imports, source), gap + line)


def _add_to_import(module: Module, node: ast.ImportFrom, name: str) -> Edit:
    """Return the edit that adds a name where the alphabet has it."""
    for alias in node.names:
        if _order(alias.name) > _order(name):
            start = begin_of(module, alias)
            return Edit(_point(module, start), f"{name}, ")
    return Edit(_point(module, end_of(module, node.names[-1])), f", {name}")


def _order(name: str) -> tuple[int, str]:
    """Return what names in an import are sorted by: constants, classes, and then the others."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _line_for_import(
    module: Module, imports: list[ast.Import | ast.ImportFrom], source: str
) -> Place:
    """Return the beginning of the line that a new import goes to."""
    own = [
        node
        for node in imports
        if isinstance(node, ast.ImportFrom) and (node.module or "") <= source
    ]
    behind = own or imports
    if behind:
        return Place.at(module.file, (behind[-1].end_lineno or behind[-1].lineno) + 1)
    body = module.tree.body if module.tree is not None else []
    line = (body[0].end_lineno or 0) + 1 if _has_docstring(module) else 1
    return Place.at(module.file, line)


def _has_docstring(module: Module) -> bool:
    return module.tree is not None and ast.get_docstring(module.tree, clean=False) is not None


def add_argument(module: Module, call: ast.Call, argument: str) -> Edit:
    """Return the edit that adds an argument to a call, behind its last one."""
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    if not given:
        return Edit(_point(module, end_of(module, call) - 1), argument)
    last = max(given, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))
    return _add_behind(module, last, argument, is_wide=call.end_lineno != last.end_lineno)


def add_item(module: Module, items: ast.List | ast.Tuple, item: str) -> Edit:
    """Return the edit that adds an item to a list, in a line of its own."""
    if not items.elts:
        return Edit(_point(module, end_of(module, items) - 1), f"\n    {item},\n")
    last = items.elts[-1]
    line = module.text.line(last.end_lineno or last.lineno)
    behind = line.encode()[last.end_col_offset or 0 :].decode(errors="ignore")
    if behind.lstrip().startswith(",") and (items.end_lineno or 0) > (last.end_lineno or 0):
        # A remark in the last item's line is its own.
        end = module.text.starts[(last.end_lineno or last.lineno) - 1] + len(line)
        return Edit(_point(module, end), f"\n{_indent_of(module, last)}{item},")
    return _add_behind(module, items.elts[-1], item, is_wide=True)


def _add_behind(module: Module, last: ast.expr | ast.keyword, text: str, *, is_wide: bool) -> Edit:
    gap = f"\n{_indent_of(module, last)}" if is_wide else " "
    return Edit(_point(module, end_of(module, last)), f",{gap}{text}")


def _indent_of(module: Module, node: ast.expr | ast.keyword) -> str:
    line = module.text.line(node.lineno)
    return line[: len(line) - len(line.lstrip())] or "    "


def begin_of(module: Module, node: ast.expr | ast.keyword | ast.alias) -> int:
    """Return the offset at which a node begins."""
    return _offset(module, node.lineno, node.col_offset)


def end_of(module: Module, node: ast.expr | ast.keyword | ast.alias) -> int:
    """Return the offset behind a node."""
    return _offset(module, node.end_lineno or node.lineno, node.end_col_offset or 0)


def _offset(module: Module, line: int, column: int) -> int:
    """Return an offset in the text; Python counts the bytes of UTF-8 in a line."""
    written = module.text.line(line)
    characters = len(written.encode()[:column].decode(errors="ignore"))
    return module.text.starts[line - 1] + characters


def _point(module: Module, offset: int) -> Place:
    return module.text.place(offset, offset)
