"""The import that a Python file lacks for the name at a place."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from mtvgen import runtime
from mtvgen.checks.python.module import Module
from mtvgen.lsp.actions.edits import Changes, Step
from mtvgen.lsp.actions.python_edits import add_import, begin_of, end_of
from mtvgen.lsp.workspace.here import Here

# What views need of other packages, most often.
_KNOWN = {"select": "sqlalchemy", "func": "sqlalchemy"}


def missing_imports(here: Here) -> Iterator[Step]:
    """Yield the imports that give the name at a place a meaning, where it has none."""
    module = here.module
    name = _name_at(module, here.offset) if module is not None else None
    if module is None or name is None or name in _bound_names(module):
        return
    for source in _sources_of(here, name):
        edit = add_import(module, source, name)
        if edit is not None:
            yield Step(f"Add: from {source} import {name}", Changes((edit,)))


def _name_at(module: Module, offset: int) -> str | None:
    for node in ast.walk(module.tree) if module.tree is not None else ():
        is_read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if is_read and begin_of(module, node) <= offset <= end_of(module, node):  # type: ignore[arg-type]  # a Name
            return node.id  # type: ignore[attr-defined, no-any-return]  # a Name
    return None


def _bound_names(module: Module) -> set[str]:
    """Return every name that the file binds anywhere, and those of Python's own."""
    bound = {*dir(builtins), *module.names}
    for node in ast.walk(module.tree) if module.tree is not None else ():
        match node:
            case ast.Name(name, ctx=ast.Store() | ast.Del()) | ast.arg(name):
                bound.add(name)
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                bound.add(name)
            case ast.alias(name, asname):
                bound.add(asname or name.partition(".")[0])
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
    return bound


def _sources_of(here: Here, name: str) -> Iterator[str]:
    if name in runtime.__all__:
        yield "mtvgen.runtime"
    if name in _KNOWN:
        yield _KNOWN[name]
    modules = here.sources.modules
    models = modules.get("models")
    if models is not None and name in {*models.names, *models.classes}:
        yield "models"
    for module in modules.values():
        package, _, last = module.name.rpartition(".")
        if last == name and package == "views":
            yield package
        is_own = module.name not in ("models", here.module.name if here.module else "")
        is_there = name in module.classes or name in module.functions
        if is_own and is_there and not module.name.startswith(("views", "models.")):
            yield module.name
