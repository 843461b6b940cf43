"""Where a new route goes: the list that has routes of such names already, or urls.py."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Edit
from mtvgen.lsp.actions.python_edits import add_import
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.written_routes import WrittenRoute

# What urls.py has at its top besides functions, classes and imports, or is about to import.
_BOUND_BELOW = frozenset({"path", "urlpatterns"})


class RoutePlace(NamedTuple):
    """Where a new route goes, and what it is called there.

    Attributes:
        module: The file.
        routes: The list in it.
        view_module: The dotted name of the module of its view.
        function: What its view is called in it.
        view: The view, as it is spelled in the file.
        name: The name that path() has to be given; empty where it follows from the view.
        segments: What its pattern begins with.
        prefix: What the includes around it put in front of its pattern.
        edit: The import of the view's module, if it lacks.
    """

    module: Module
    routes: ast.List | ast.Tuple
    view_module: str
    function: str
    view: str
    name: str
    segments: tuple[str, ...] = ()
    prefix: str = ""
    edit: Edit | None = None


def place_in_urls(here: Here, name: str) -> RoutePlace | None:
    """Return the place of a route in urls.py."""
    urls = here.sources.modules.get("urls")
    routes = list_of_routes(urls) if urls is not None else None
    if urls is None or routes is None:
        return None
    module, _, function = name.rpartition(".")
    module, function = (module, function) if module else (name, "index")
    view = _view_called(urls, here.sources, module)
    if view is None:
        return None
    follows = name == f"{view.module.removeprefix('views.')}.{function}"
    return RoutePlace(
        urls,
        routes,
        view.module,
        function,
        f"{view.spelled}.{function}",
        "" if follows else name,
        tuple(module.split(".")),
        edit=view.edit,
    )


def place_in_group(here: Here, name: str) -> RoutePlace | None:
    """Return the place of a route in a list that urls.py includes; None if none has its like."""
    return next(_places_in_groups(here, name), None)


def _places_in_groups(here: Here, name: str) -> Iterator[RoutePlace]:
    for route in reversed(here.routes):
        view_module, _, _ = route.view.rpartition(".")
        routes = list_of_routes(route.module)
        # The name of a view, without that of its function, or the prefix of the include().
        start = route.name_prefix or f"{view_module.removeprefix('views.')}."
        function = name.removeprefix(start)
        is_like_it = name.startswith(start) and "." not in function
        is_in_urls = route.module.name == "urls"
        if is_in_urls or not is_like_it or routes is None or not view_module.startswith("views."):
            continue
        own_name = function if route.name_prefix else ""
        view = _spelled_like(route, function)
        yield RoutePlace(
            route.module, routes, view_module, function, view, own_name, (), route.prefix
        )


def _spelled_like(route: WrittenRoute, function: str) -> str:
    """Return how another view of the same module is spelled where a route is."""
    match route.call.args[1:2]:
        case [ast.Attribute(value=owner)]:
            return f"{ast.unparse(owner)}.{function}"
    return function


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
    flat = name.replace(".", "_")
    for alias in (flat, f"{flat}_views") if "." in name else (f"{flat}_views",):
        if urls.names.get(alias) == wanted:
            return _ViewModule(wanted, alias)
        if alias not in urls.names:
            edit = add_import(urls, wanted.rpartition(".")[0], last, alias)
            return _ViewModule(wanted, alias, edit)
    return None
