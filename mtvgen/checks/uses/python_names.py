"""Names in Python files that templates share: what calls pass, routes, views, attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.uses.groups import Kind, Node, keyword
from mtvgen.checks.views.calls import RenderCall, URLCall
from mtvgen.records import record
from mtvgen.runtime import include, path

_PATH, _INCLUDE = dotted_names(path), dotted_names(include)


@record(frozen=True)
class PythonName:
    """A name in a Python file.

    Attributes:
        sort: What it is the name of.
        name: The name.
        place: Its place, without quotes.
        node: What means the same has the same.
        is_definition: Whether it is made here.
        is_fixed: Why it can't be written otherwise; empty where it can.
    """

    sort: str
    name: str
    place: Place
    node: Node
    is_definition: bool = False
    is_fixed: str = ""


def names_of_renders(renders: Iterable[RenderCall]) -> Iterator[PythonName]:
    """Yield the names that render calls pass, and those of the templates."""
    for call in renders:
        for name, place in call.keywords.items():
            yield PythonName("keyword", name, place, keyword(call, name), is_definition=True)
        if call.template is not None and call.written is not None:
            why = "" if call.is_literal else "its name is computed there"
            node = Node(Kind.TEMPLATE, (call.template,))
            yield PythonName("template", call.template, call.written, node, is_fixed=why)


def names_of_addresses(urls: Iterable[URLCall]) -> Iterator[PythonName]:
    """Yield the names of routes in url_for()."""
    for call in urls:
        if not call.is_target:
            why = "" if call.is_literal else "its name is computed there"
            yield PythonName(
                "route", call.name, call.place, Node(Kind.ROUTE, (call.name,)), is_fixed=why
            )


def names_of_routes(sources: Sources, routes: Iterable[RouteFact]) -> Iterator[PythonName]:
    """Yield what each `path()` calls its route."""
    by_line: dict[tuple[str, int], list[RouteFact]] = {}
    for route in routes:
        by_line.setdefault((route.file, route.line), []).append(route)
    for module in sources.modules.values():
        for call in _paths(module):
            known = by_line.get((module.file, call.lineno), [])
            yield from _names_of_path(module, call, known)


def names_of_views(sources: Sources) -> Iterator[PythonName]:
    """Yield the view of each `path()`, there and where it is defined."""
    for module in sources.modules.values():
        for call in _paths(module):
            yield from _names_of_view(module, call, sources)


def _paths(module: Module) -> list[ast.Call]:
    return module.once(_read_paths)


def _read_paths(module: Module) -> list[ast.Call]:
    if module.tree is None or _PATH.isdisjoint(module.names.values()):
        return []
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return [call for call in calls if module.dotted_name(call.func) in _PATH]


def _names_of_path(module: Module, call: ast.Call, known: list[RouteFact]) -> Iterator[PythonName]:
    named = next((word.value for word in call.keywords if word.arg == "name"), None)
    written = named.value if isinstance(named, ast.Constant) else None
    if named is not None and not isinstance(written, str):
        return  # it is computed
    node = named if named is not None else call.args[1] if len(call.args) > 1 else None
    if node is None:
        return
    own = str(written) if written else module.dotted_name(node).removeprefix("views.")
    # A route has the names of the include() around it in front of its own.
    names = {route.name for route in known if route.name and f".{route.name}".endswith(f".{own}")}
    why = "" if named is not None else "it is called after its view: give it a name in path()"
    for name in sorted(names) or [own]:
        is_several = "several include() give it a name" if len(names) > 1 else ""
        fixed = why or is_several
        yield PythonName("route", name, module.place(node), Node(Kind.ROUTE, (name,)), True, fixed)


def _names_of_view(module: Module, call: ast.Call, sources: Sources) -> Iterator[PythonName]:
    if len(call.args) < 2:
        return
    dotted = sources.resolve(module.dotted_name(call.args[1]))
    found = sources.find_function(dotted)
    if found is None:
        return
    why = "it is a function of Python"
    name = dotted.rpartition(".")[2]
    yield PythonName(
        "view", name, module.place(call.args[1]), Node(Kind.VIEW, (dotted,)), False, why
    )
    definition = found[0].place(found[1])
    yield PythonName("view", name, definition, Node(Kind.VIEW, (dotted,)), True, why)
