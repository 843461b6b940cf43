"""A new route: the path() of a name that no route has, and the import of its view's module."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import NamedTuple

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Edit
from mtvgen.lsp.actions.edits import Changes, Step
from mtvgen.lsp.actions.python_edits import add_import, add_item
from mtvgen.lsp.workspace.here import Here

_RUNTIME = "mtvgen.runtime"
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_KEYWORD = re.compile(r"(\w+)\s*=(?!=)\s*([^,\n]*)")
_INTEGER = re.compile(r"\d+|\w+(?:\.\w+)*\.id")
# What urls.py has at its top besides functions, classes and imports, or is about to import.
_BOUND_BELOW = frozenset({"path", "urlpatterns"})
# Functions of the tutorial that take what a form sends.
_OF_FORMS = frozenset({"create", "update", "delete", "save", "remove"})


def add_route(here: Here, name: str, arguments: str) -> Step | None:
    """Return the step that adds a path() to urls.py, and the import of its view's module.

    Args:
        here: Where somebody asks.
        name: The route's name.
        arguments: What a url_for() passes besides, as it is written.
    """
    urls = here.sources.modules.get("urls")
    patterns = list_of_routes(urls) if urls is not None else None
    if urls is None or patterns is None:
        return None
    module, _, function = name.rpartition(".")
    module, function = (module, function) if module else (name, "index")
    view = _view_called(urls, here.sources, module)
    methods = ("POST",) if function in _OF_FORMS else ("GET",)
    pattern = _free_pattern(here, module, function, _parameters(arguments), methods)
    if view is None or pattern is None or _is_taken(here.sources, view.module, function):
        return None
    written = [f'"{pattern}"', f"{view.spelled}.{function}"]
    if name != f"{view.module.removeprefix('views.')}.{function}":
        written.append(f'name="{name}"')
    if methods == ("POST",):
        written.append('methods=["POST"]')
    line = f"path({', '.join(written)})"
    edits = [add_item(urls, patterns, line), view.edit, add_import(urls, _RUNTIME, "path")]
    changes = Changes(tuple(edit for edit in edits if edit is not None))
    return Step(f"Add {line} to urls.py", changes)


def list_of_routes(module: Module) -> ast.List | ast.Tuple | None:
    """Return the list that a file's urlpatterns begin with."""
    for node in module.tree.body if module.tree is not None else ():
        match node:
            case ast.Assign(targets=[ast.Name("urlpatterns")], value=value):
                pass
            case ast.AnnAssign(target=ast.Name("urlpatterns"), value=value):
                pass
            case _:
                continue
        while isinstance(value, ast.BinOp):
            value = value.left
        if isinstance(value, ast.List | ast.Tuple):
            return value
    return None


class _ViewModule(NamedTuple):
    """A module of views: its dotted name, what urls.py calls it, and the import that it lacks."""

    module: str
    spelled: str
    edit: Edit | None = None


def _view_called(urls: Module, sources: Sources, name: str) -> _ViewModule | None:
    """Return the module of views that a route's name begins with; None where there can't be one.

    What urls.py has imported by that name is meant, in whatever package it is.
    """
    wanted, last = f"views.{name}", name.rpartition(".")[2]
    bound = urls.names.get(last)
    if bound == wanted:
        return _ViewModule(wanted, last)
    if bound is None and last not in (*urls.functions, *urls.classes, *_BOUND_BELOW):
        package = wanted.rpartition(".")[0]
        return _ViewModule(wanted, last, add_import(urls, package, last))
    is_view = bound is not None and bound.startswith("views.") and bound in sources.modules
    if is_view and "." not in name and wanted not in sources.modules:
        return _ViewModule(str(bound), last)
    # Another thing has that name here.
    alias = name.replace(".", "_") if "." in name else f"{name}_views"
    if alias in urls.names:
        return _ViewModule(wanted, alias) if urls.names[alias] == wanted else None
    edit = add_import(urls, wanted.rpartition(".")[0], last, alias)
    return _ViewModule(wanted, alias, edit)


def _is_taken(sources: Sources, module_name: str, function: str) -> bool:
    """Return whether a name is something other than a function in a module of views."""
    module = sources.modules.get(module_name)
    return module is not None and (function in module.names or function in module.classes)


def _free_pattern(
    here: Here,
    module: str,
    function: str,
    parameters: Mapping[str, str],
    methods: tuple[str, ...],
) -> str | None:
    """Return a pattern that no route has for these methods; None if both that fit are taken."""
    parts = ["", *module.split("."), *parameters.values()]
    short, long = "/".join(parts), "/".join([*parts, function])
    taken = {route.pattern for route in here.routes if {*route.methods} & {*methods}}
    fitting = (short, long) if function in ("index", "detail", "create") else (long,)
    return next((pattern for pattern in fitting if pattern not in taken), None)


def _parameters(arguments: str) -> Mapping[str, str]:
    """Return the part of a pattern for each keyword of a url_for()."""
    written = _KEYWORD.findall(_STRING.sub("''", arguments))
    return {
        name: f"<int:{name}>" if _is_number(name, value.strip()) else f"<{name}>"
        for name, value in written
    }


def _is_number(name: str, value: str) -> bool:
    return name == "id" or name.endswith("_id") or bool(_INTEGER.fullmatch(value))
