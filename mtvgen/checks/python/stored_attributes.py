"""The attributes that code gives to objects: `note.is_mine = True`, `setattr(note, "mine", 1)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.records import record
from mtvgen.syntax_trees import children, walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# A function whose attributes are another's: a call of one may store any name.
_SETTERS = frozenset({"setattr", "object.__setattr__"})


@record(frozen=True)
class StoredAttributes:
    """The attributes that the code of one file stores.

    Attributes:
        for_all: Names that are stored on an object of some class, nobody knows which.
        computed: Whether a name is computed, as in `setattr(note, name, value)`, for an object
            that is not `self`.
    """

    for_all: frozenset[str] = frozenset()
    computed: bool = False


def stored_attributes(tree: ast.Module) -> StoredAttributes:
    """Return what a file stores on objects that are not the `self` of a method."""
    names: set[str] = set()
    is_computed = False
    if not any(map(_stored, walk(tree))):
        return StoredAttributes()  # as most files: and a walk that knows `self` takes twice as long
    for node, receiver in _nodes(tree, None):
        stored = _stored(node)
        if stored is not None and (receiver is None or stored[0] != receiver):
            names |= {stored[1]} if stored[1] else set()
            is_computed |= not stored[1]
    return StoredAttributes(frozenset(names), is_computed)


def stored_on_self(node: ast.ClassDef) -> set[str] | None:
    """Return what the methods of a class store on their own object.

    None where that may be anything.
    """
    names: set[str] = set()
    for part, receiver in _nodes(node, None):
        stored = _stored(part)
        if stored is not None and receiver is not None and stored[0] == receiver:
            if not stored[1]:
                return None
            names.add(stored[1])
    return names


def _nodes(node: ast.AST, receiver: str | None) -> Iterator[tuple[ast.AST, str | None]]:
    """Every node below one, with the name of the `self` of the method that it is in."""
    waiting = [(node, receiver)]
    while waiting:
        parent, outside = waiting.pop()
        for child in children(parent):
            inside = outside
            if isinstance(child, _FUNCTIONS) and isinstance(parent, ast.ClassDef):
                parameters = [*child.args.posonlyargs, *child.args.args]
                inside = parameters[0].arg if parameters else None
            elif isinstance(child, ast.ClassDef):
                inside = None
            yield child, inside
            waiting.append((child, inside))


def _stored(node: ast.AST) -> tuple[str, str] | None:
    """Return the object, and the name that it gets; "" for a name that is computed."""
    if isinstance(node, ast.Attribute):
        if isinstance(node.ctx, ast.Store):
            return ast.unparse(node.value), node.attr
        return (ast.unparse(node.value), "") if node.attr == "__dict__" else None
    if not isinstance(node, ast.Call):
        return None
    called = _spelled(node.func)
    if called == "vars" and len(node.args) == 1:
        return ast.unparse(node.args[0]), ""
    if called in _SETTERS and len(node.args) > 1:
        name = node.args[1].value if isinstance(node.args[1], ast.Constant) else ""
        return ast.unparse(node.args[0]), name if isinstance(name, str) else ""
    return ("self", "") if called == "super.__setattr__" else None


def _spelled(called: ast.expr) -> str:
    """`setattr`, `object.__setattr__`, `super.__setattr__`; empty for what is of no interest."""
    if isinstance(called, ast.Name):
        return called.id
    if not isinstance(called, ast.Attribute) or called.attr != "__setattr__":
        return ""
    base = called.value.func if isinstance(called.value, ast.Call) else called.value
    return f"{base.id}.__setattr__" if isinstance(base, ast.Name) else ""


def possible_names(tree: ast.Module) -> Iterator[str]:
    """Every keyword and every text of a file that a computed name of an attribute could be."""
    for node in walk(tree):
        if isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.Constant) and str(node.value).isidentifier():
            yield str(node.value)
