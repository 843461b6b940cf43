"""What a file reads and sets of others' objects, by its syntax tree."""

from __future__ import annotations

import ast
import re

from mtvgen.runtime import Request, Response
from mtvgen.runtime.requests.life import RequestLife
from tests.support.reference import members

# Private names of other libraries that have no public ones for it.
PRIVATE_ELSEWHERE = {
    "_current_frames",  # of sys
    "_clear",  # of atexit
    "_downgrade_revs",  # of Alembic's scripts, as its own commands call them
    "_exit",  # of os
    "_getframe",  # of sys
    "_replace",  # of a named tuple
    "_run_exitfuncs",  # of atexit
    "_upgrade_revs",
}

# The functions that reach an attribute by a name that is a value.
ACCESSORS = frozenset({"getattr", "setattr", "hasattr", "delattr"})


def foreign_private_names(source: str) -> set[str]:
    """What a file reads or sets of others' private attributes, by name or by a text."""
    tree = ast.parse(source)
    own = private_names_of(tree) | PRIVATE_ELSEWHERE
    return {
        text_of(node)
        for node in ast.walk(tree)
        if (name := attribute_in(node)).startswith("_")
        and not name.endswith("__")
        and name not in own
    }


def attribute_in(node: ast.AST) -> str:
    """The attribute that a node is about; empty for any other node."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ACCESSORS:
        name = node.args[1]
        return str(name.value) if isinstance(name, ast.Constant) else ""
    return ""


def text_of(node: ast.AST) -> str:
    """A node that is about an attribute, as text, without a value beyond its name."""
    if isinstance(node, ast.Call):
        return f'{ast.unparse(node.func)}({ast.unparse(node.args[0])}, "{attribute_in(node)}")'
    return ast.unparse(node)


# The classes, and the names that their objects have everywhere.
CLASSES = {"Request": "request", "Response": "response", "RequestLife": "life"}


def unnamed_attributes(source: str) -> set[tuple[str, str]]:
    """Attributes of a request or a response that nobody names, each with its expression."""
    tree = ast.parse(source)
    shared = set(RequestLife.__annotations__) | {"__class__"}
    named = {
        "request": {*members(Request), *shared},
        "response": {*members(Response), "__class__"},
        "life": {*members(RequestLife), *shared},
    }
    owners = {name: name for name in named} | owners_in(tree)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = owners.get(last_name(node.value).lstrip("_"))
            if owner and node.attr not in named[owner]:
                found.add((f"{owner}.{node.attr}", ast.unparse(node)))
    return found


def owners_in(tree: ast.AST) -> dict[str, str]:
    """Other names for a request or a response, by their annotations and by what made them."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            annotated = re.findall(r"\w+", ast.unparse(node.annotation))
            if annotated and annotated[0] in CLASSES:
                found[node.arg] = CLASSES[annotated[0]]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = CLASSES.get(last_name(node.value.func))
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            found |= dict.fromkeys(names, made) if made else {}
    return found


def private_names_of(tree: ast.AST) -> set[str]:
    """The private attributes that the classes of a file have, by all ways to give one."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            names |= {ast.unparse(target) for part in node.body for target in targets(part)}
            names |= {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            slots = [part for part in node.body if "__slots__" in map(ast.unparse, targets(part))]
            names |= {n.value for s in slots for n in ast.walk(s) if isinstance(n, ast.Constant)}
        elif isinstance(node, ast.Attribute) and last_name(node.value) in ("self", "cls"):
            names.add(node.attr)
    return names


def targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def last_name(node: ast.expr) -> str:
    """`response` of `response` and of `self.response`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
