"""The path() and include() calls in a project's source that are under a condition."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.runtime import include, path
from mtvgen.syntax_trees import children

_PATH, _INCLUDE = dotted_names(path), dotted_names(include)
_CONDITIONS = (ast.If, ast.IfExp, ast.Try, ast.For, ast.FunctionDef, ast.comprehension)


def conditional_names(modules: Iterable[Module]) -> frozenset[str]:
    """Return the names of routes that other settings may make.

    A path() gives its own name, without that of an include() around it; an include() gives the
    beginning of the names in it, with a `*` behind.
    """
    return frozenset().union(*(module.of_code(_conditional) for module in modules))


def _conditional(module: Module) -> frozenset[str]:
    if module.tree is None or (_PATH | _INCLUDE).isdisjoint(module.names.values()):
        return frozenset()
    if next(module.all(*_CONDITIONS), None) is None:
        return frozenset()
    return frozenset(_names_below(module.tree, module, under=False))


def _names_below(node: ast.AST, module: Module, *, under: bool) -> Iterator[str]:
    for child in children(node):
        if under and isinstance(child, ast.Call):
            yield from _names(child, module)
        is_under = under or isinstance(child, _CONDITIONS)
        yield from _names_below(child, module, under=is_under)


def _names(call: ast.Call, module: Module) -> Iterator[str]:
    called = module.dotted_name(call.func)
    named = [word.value for word in call.keywords if word.arg == "name"]
    literal = str(named[0].value) if named and isinstance(named[0], ast.Constant) else ""
    if called in _INCLUDE and literal:
        yield f"{literal}*"
    elif called in _PATH and literal:
        yield literal
    elif called in _PATH and not named and len(call.args) > 1:
        yield module.dotted_name(call.args[1]).removeprefix("views.")
