"""The places of a Python file's nodes: what a problem points at is a name, not its statement."""

from __future__ import annotations

import ast
import re

from mtvgen.checks.places import Place, Text

_DEFINED = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)")
# One literal as it is written: its prefix, its quotes, its text.
_LITERAL = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')(?s:.*)\1")


def place_in(text: Text, node: ast.AST) -> Place:
    """Return what a problem of a node points at.

    That is the name of a function, class, parameter or keyword, the attribute's own name, what is
    called, the text in quotes; else the whole node.
    """
    if isinstance(node, ast.Call):
        return place_in(text, node.func)
    start, end = _offset(text, node), _offset(text, node, is_end=True)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        named = _DEFINED.match(text.text, start)
        start, end = named.span(1) if named else (start, start)
    elif isinstance(node, ast.Attribute):
        start = end - len(node.attr)
    elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg):
        end = start + len(node.arg or "")
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        quoted = _LITERAL.fullmatch(text.text, start, end)
        # Literals in a row are one text, which has no place of its own.
        if quoted and quoted[1] not in text.text[quoted.end(1) : end - len(quoted[1])]:
            start, end = quoted.end(1), end - len(quoted[1])
    return text.place(start, end)


def whole(text: Text, node: ast.stmt | ast.expr | ast.keyword | ast.alias) -> Place:
    """Return all of a node, from its first character to its last."""
    return text.place(_offset(text, node), _offset(text, node, is_end=True))


def _offset(text: Text, node: ast.AST, *, is_end: bool = False) -> int:
    """Return where a node begins or ends.

    Python counts the bytes of UTF-8 in a line, and not characters.

    A node that was made up, such as a list that is not written there, begins its line.
    """
    line: int = getattr(node, "end_lineno" if is_end else "lineno", None) or node.lineno  # type: ignore[attr-defined]  # every statement and expression has one
    column: int = getattr(node, "end_col_offset" if is_end else "col_offset", None) or 0
    if not text.text.isascii():  # which a str knows, without a look at its characters
        column = len(text.line(line).encode()[:column].decode(errors="ignore"))
    return text.starts[line - 1] + column
