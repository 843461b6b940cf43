"""Whether an edit of a Python file can change what an import of the project finds.

An import runs a file, but not the bodies of its functions, unless something calls them meanwhile.
Most edits are of the body of a view, which nothing but a request calls. Whatever is not known to
be like that is taken for an edit that changes something.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names, is_of_models, is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.runtime import path
from mtvgen.syntax_trees import children, walk

_PATH = dotted_names(path)
# Who uses these may find, and call, a function by a name that is written nowhere.
_FINDS_BY_NAME = frozenset(
    {"attrgetter", "eval", "exec", "getattr", "getmembers", "globals", "locals", "methodcaller"}
    | {"vars", "__dict__", "__globals__"}
)


def brings_nothing_new(old: Module, new: Module, sources: Sources) -> bool:
    """Return whether an import finds the same after an edit of a file as it did before.

    Args:
        old: The file as it was imported.
        new: The file as it is.
        sources: All files as they are.
    """
    if any(module.tree is None or module.problems for module in (old, new)):
        return False
    before, after = old.once(_statements), new.once(_statements)
    if [one.outside for one in before] != [one.outside for one in after]:
        return False
    changed = [b.function for a, b in zip(before, after, strict=True) if a.body != b.body]
    functions = [function for function in changed if function is not None]
    names = {function.name for function in functions}
    return (
        not any(name.startswith("__") or not name.isascii() for name in names)
        and all(_only_wrapped(function, new, sources) for function in functions)
        and not (names and _are_used(names | _FINDS_BY_NAME, sources.modules.values()))
    )


class _Statement(NamedTuple):
    """A statement at the top of a file, as it is written.

    Attributes:
        outside: All of it; of a function what is above its body: decorators and signature.
        body: The body of a function.
        function: The function.
    """

    outside: bytes
    body: bytes = b""
    function: Function | None = None


def _statements(module: Module) -> list[_Statement]:
    """Return the statements of a file; blank lines and comments between them mean nothing."""
    lines = module.source.splitlines()
    # These may say how the file is encoded (PEP 263).
    return [
        _Statement(b"\n".join(line for line in lines[:2] if b"coding" in line)),
        *(_statement(node, lines) for node in (module.tree.body if module.tree else ())),
    ]


def _statement(node: ast.stmt, lines: list[bytes]) -> _Statement:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    end = node.end_lineno or node.lineno
    if not isinstance(node, Function) or node.body[0].lineno <= _signature_end(node):
        return _Statement(b"\n".join(lines[first:end]))
    body = node.body[0].lineno - 1
    while not lines[body - 1].strip() or lines[body - 1].lstrip().startswith(b"#"):
        body -= 1  # a comment on the body
    return _Statement(b"\n".join(lines[first:body]), b"\n".join(lines[body:end]), node)


def _signature_end(function: Function) -> int:
    """Return the last line on which anything is evaluated when a function is defined."""
    parts = [*walk(function.args), *([function.returns] if function.returns else [])]
    return max([function.lineno, *(getattr(part, "end_lineno", 0) for part in parts)])


def _only_wrapped(function: Function, module: Module, sources: Sources) -> bool:
    """Return whether no decorator of a function calls it."""
    return all(_only_wraps(one, module, sources) for one in function.decorator_list)


def _only_wraps(decorator: ast.expr, module: Module, sources: Sources) -> bool:
    makes_decorator = isinstance(decorator, ast.Call)
    named = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = sources.resolve(module.dotted_name(named))
    if is_of_runtime(name) and not is_of_models(name):
        return True
    found = sources.find_function(name)
    if found is None or found[1].decorator_list or not _only_defines(*found):
        return False
    inside = [node for node in found[1].body if isinstance(node, ast.FunctionDef)]
    return not makes_decorator or all(_only_defines(found[0], node) for node in inside)


def _only_defines(module: Module, function: Function) -> bool:
    """Return whether a function does nothing but define others, and return one of them."""
    return all(
        _is_wrapper(node, module)
        or (isinstance(node, ast.Return) and isinstance(node.value, ast.Name))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in function.body
    )


def _is_wrapper(node: ast.stmt, module: Module) -> bool:
    """Return whether a statement defines a function, and calls nothing for its defaults."""
    return (
        isinstance(node, ast.FunctionDef)
        and not any(isinstance(part, ast.Call) for part in walk(node.args))
        and all(
            isinstance(one, ast.Call) and module.dotted_name(one.func) == "functools.wraps"
            for one in node.decorator_list
        )
    )


def _are_used(names: Iterable[str], modules: Iterable[Module]) -> bool:
    """Return whether one of some names is used in a file, other than as the view of a `path()`."""
    return any(
        module.tree is None or name in module.once(_used_names)
        for module in modules
        for name in names
        if name.encode() in module.source
    )


def _used_names(module: Module) -> frozenset[str]:
    """Return the names that a file uses, alone or behind a dot, but for the views of its routes."""
    used: set[str] = set()
    waiting: list[ast.AST] = [module.tree] if module.tree is not None else []
    while waiting:
        node = waiting.pop()
        waiting += _parts(node, module)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            used.update(alias.name for alias in node.names if alias.asname is not None)
        elif isinstance(node, ast.Call) and (name := _name_in_getattr(node)):
            used.add(name)
    return frozenset(used)


def _parts(node: ast.AST, module: Module) -> Iterator[ast.AST]:
    """Yield what is to be looked at in a node."""
    if isinstance(node, ast.Call) and module.dotted_name(node.func) in _PATH:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        views = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "view")]
        yield from (one for one in given if one not in views or not module.dotted_name(one))
    elif isinstance(node, ast.Call) and _name_in_getattr(node):
        yield from (*node.args, *node.keywords)
    else:
        yield from children(node)


def _name_in_getattr(call: ast.Call) -> str:
    """Return the name in `getattr(thing, "name")`; empty for any other call."""
    if isinstance(call.func, ast.Name) and call.func.id == "getattr" and len(call.args) > 1:
        name = call.args[1]
        return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
    return ""
