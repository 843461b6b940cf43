"""Pages that a visitor may get, on a site with accounts: their `user` may be None.

Only what is certain counts: a view whose route lets visitors in, and in which nothing depends on
who asks, so that it renders its page for them too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mtvgen.checks.deployment.middleware import applications, factory_of
from mtvgen.checks.facts import RouteFact
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import is_of_accounts, is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.views.calls import RenderCall
from mtvgen.records import record
from mtvgen.syntax_trees import walk

# What a view may ask of a request without learning who sent it.
_SAYS_NOTHING = frozenset(
    {"absolute_url", "db", "files", "form", "json", "method", "params", "path", "query", "url_for"}
)


@record(frozen=True)
class VisitorPages:
    """What renders pages for visitors.

    Attributes:
        views: The views, each as its file, its first and its last line.
        has_errors: Whether a visitor may get the pages of errors too.
    """

    views: frozenset[tuple[str, int, int]] = frozenset()
    has_errors: bool = False

    def __contains__(self, call: RenderCall) -> bool:
        if call.place is None:
            return self.has_errors
        file, line = call.place.file, call.place.line
        return any(of == file and first <= line <= last for of, first, last in self.views)


def visitor_pages(routes: Iterable[RouteFact], sources: Sources) -> VisitorPages:
    """Return what surely renders pages for visitors; nothing on a site without accounts.

    Args:
        routes: The routes.
        sources: The files of the project.
    """
    visited = [route.function for route in routes if route.admits_visitors and route.function]
    if not visited or _may_refuse_itself(sources):
        return VisitorPages()
    modules = {module.file: module for module in sources.modules.values()}
    views = set()
    for file, name, _ in visited:
        module = modules.get(file)
        function = module.functions.get(name) if module is not None else None
        if module is not None and function and _is_the_same_for_all(function, module, sources):
            views.add((file, function.lineno, function.end_lineno or function.lineno))
    return VisitorPages(frozenset(views), has_errors=True)


def _may_refuse_itself(sources: Sources) -> bool:
    """Return whether a middleware of the project's own may keep visitors out."""
    wsgi = sources.modules.get("wsgi")
    call = next(applications(wsgi, sources.resolve), None) if wsgi and wsgi.tree else None
    if wsgi is None or call is None:
        return True
    layers = next((word.value for word in call.keywords if word.arg == "middleware"), None)
    if not isinstance(layers, ast.List | ast.Tuple):
        return True
    own = [layer for layer in layers.elts if not factory_of(layer, wsgi, sources.resolve)]
    return any(_may_know_who_asks(layer, wsgi, sources) for layer in own)


def _may_know_who_asks(layer: ast.expr, wsgi: Module, sources: Sources) -> bool:
    called = layer.func if isinstance(layer, ast.Call) else layer
    found = sources.find_function(sources.resolve(wsgi.dotted_name(called)))
    return found is None or any(word in found[0].source for word in (b"user", b"session"))


def _is_the_same_for_all(function: Function, module: Module, sources: Sources) -> bool:
    """Return whether nothing in a view can depend on who sent the request."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    if function.decorator_list or not parameters:
        return False
    request = parameters[0].arg
    harmless = {id(node) for node in _harmless_uses(function, module, sources)}
    return all(
        id(node) in harmless
        for node in walk(function)
        if isinstance(node, ast.Name) and node.id == request
    )


def _harmless_uses(function: Function, module: Module, sources: Sources) -> Iterator[ast.expr]:
    """Yield what is asked for something, or handed to a function of the runtime."""
    for node in walk(function):
        if isinstance(node, ast.Attribute) and node.attr in _SAYS_NOTHING:
            yield node.value
        elif isinstance(node, ast.Call):
            name = sources.resolve(module.dotted_name(node.func))
            if is_of_runtime(name) and not is_of_accounts(name):
                yield from node.args
