"""The routes as they are written: path() and include() in the open texts, before they are saved."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Sources
from mtvgen.runtime import include, path

_PATH, _INCLUDE = dotted_names(path), dotted_names(include)


@dataclass(frozen=True)
class WrittenRoute:
    """One path(), with the names that includes around it give.

    Attributes:
        name: Its name for url_for(); "" where it has none, or it is computed.
        pattern: Its pattern; "" where it is computed.
        view: The dotted name of its view; "" where it is computed.
        module: The file.
        call: The call.
        methods: What it takes, as written.
        prefix: What the includes around it put in front of its pattern.
        name_prefix: What they put in front of its name.
    """

    name: str
    pattern: str
    view: str
    module: Module
    call: ast.Call
    methods: tuple[str, ...]
    prefix: str = ""
    name_prefix: str = ""

    @property
    def place(self) -> Place:
        """The place of its name, or else of `path`."""
        named = _keyword(self.call, "name")
        return self.module.place(named if named is not None else self.call)


def written_routes(sources: Sources) -> list[WrittenRoute]:
    """Return the routes below urls.py, in the order in which they are written."""
    top = sources.modules.get("urls")
    return list(_routes_in(top, sources, "", "", ())) if top is not None else []


def _routes_in(
    module: Module, sources: Sources, prefix: str, name: str, around: tuple[str, ...]
) -> Iterator[WrittenRoute]:
    for call in _calls_in(module):
        if module.dotted_name(call.func) in _PATH:
            yield _route(module, sources, call, prefix, name)
            continue
        included = _included(module, sources, call)
        if included is not None and included.name not in around:
            more, its_name = prefix + _first_text(call), name + _text(_keyword(call, "name"))
            yield from _routes_in(included, sources, more, its_name, (*around, included.name))


def _route(
    module: Module, sources: Sources, call: ast.Call, prefix: str, name: str
) -> WrittenRoute:
    view = call.args[1] if len(call.args) > 1 else _keyword(call, "view")
    dotted = sources.resolve(_view_name(module, view)) if view is not None else ""
    named = _keyword(call, "name")
    own = _text(named) if named is not None else dotted.removeprefix("views.")
    methods = _keyword(call, "methods")
    items = methods.elts if isinstance(methods, ast.List | ast.Tuple) else []
    return WrittenRoute(
        f"{name}{own}" if own else "",
        prefix + _first_text(call),
        dotted,
        module,
        call,
        tuple(_text(item) for item in items) or ("GET",),
        prefix,
        name,
    )


def _view_name(module: Module, view: ast.expr) -> str:
    """Return the dotted name of a view; one that is not written yet belongs to the same file."""
    dotted = module.dotted_name(view)
    is_unbound = isinstance(view, ast.Name) and dotted == view.id and not module.top.stars
    return f"{module.name}.{dotted}" if is_unbound else dotted


def _included(module: Module, sources: Sources, call: ast.Call) -> Module | None:
    """Return the file whose urlpatterns an include() takes."""
    target = call.args[1] if len(call.args) > 1 else None
    dotted = sources.resolve(module.dotted_name(target)) if target is not None else ""
    return sources.module_of(dotted) if dotted else None


@lru_cache(maxsize=256)
def _calls_in(module: Module) -> tuple[ast.Call, ...]:
    """Return the calls of path() and include() in a file."""
    if module.tree is None or (_PATH | _INCLUDE).isdisjoint(module.names.values()):
        return ()
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    known = (call for call in calls if module.dotted_name(call.func) in _PATH | _INCLUDE)
    return tuple(sorted(known, key=lambda call: (call.lineno, call.col_offset)))


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == name), None)


def _first_text(call: ast.Call) -> str:
    return _text(call.args[0]) if call.args else ""


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
