"""The middleware of a site in production: what protects it is there, and in order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names, is_of_runtime
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.runtime import (
    Application,
    allowed_hosts,
    same_origin,
    security_headers,
    signed_sessions,
)
from mtvgen.syntax_trees import walk

_APPLICATION = dotted_names(Application)
# Each with what a site lacks without it.
PROTECTIVE = {
    allowed_hosts.__name__: "answers for any host",
    security_headers.__name__: "sends no security headers",
    same_origin.__name__: "takes forms from other sites",
}
# The order in which a request is to meet them: whoever is refused reaches neither the database
# nor a session, and every answer has its headers.
ORDER = [
    *PROTECTIVE,
    "database_session",  # by its name: importing it would load SQLAlchemy
    signed_sessions.__name__,
]


def middleware_problems(
    wsgi: Module | None, resolve: Callable[[str], str], modules: Iterable[Module]
) -> Iterator[Problem | Unchecked]:
    """Protective middleware that is missing, or that comes after what it has to protect.

    Args:
        wsgi: The module that makes the Application.
        resolve: Finds what a dotted name of the project stands for.
        modules: All modules of the project: a layer of its own may hold one of the runtime's.
    """
    if wsgi is None or wsgi.tree is None:
        return
    call = next(applications(wsgi, resolve), None)
    if call is None:
        return
    keyword = next((one for one in call.keywords if one.arg == "middleware"), None)
    place = wsgi.place(keyword or call)
    layers = keyword.value if keyword else ast.List([])
    if not isinstance(layers, ast.List | ast.Tuple):
        yield Unchecked(place, "middleware", "its list is computed")
        return
    names = [(factory_of(layer, wsgi, resolve), wsgi.place(layer)) for layer in layers.elts]
    has_computed = any(isinstance(layer, ast.Starred) for layer in layers.elts)
    present = {name for name, _ in names}
    wrapped = _imported_names(modules) if "" in present else frozenset()
    for name, lack in PROTECTIVE.items():
        if name not in present and name in wrapped:
            reason = f"a layer of the project's own may hold {name}()"
            yield Unchecked(place, "middleware", reason)
        elif name not in present and not has_computed:
            message = f"the middleware {name}() is missing, so the site {lack}."
            hint = f"Add it to middleware=[...], in this order: {', '.join(ORDER)}."
            yield Problem("project.middleware-missing", place, message, hint)
    yield from _order_problems(names)
    for layer in layers.elts:
        if factory_of(layer, wsgi, resolve) == security_headers.__name__:
            yield from _https_problems(layer, wsgi)


def _imported_names(modules: Iterable[Module]) -> frozenset[str]:
    """Return what the project's modules import from the runtime, by the last part of its name."""
    targets = (target for module in modules for target in module.names.values())
    return frozenset(t.rpartition(".")[2] for t in targets if is_of_runtime(t))


def _https_problems(call: ast.expr, wsgi: Module) -> Iterator[Problem]:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    for keyword in keywords:
        is_off = isinstance(keyword.value, ast.Constant) and not keyword.value.value
        if keyword.arg == "strict_transport_security" and is_off:
            message = "Strict-Transport-Security is off, so browsers go on trying plain http."
            hint = "Leave strict_transport_security out: it is sent over https only."
            yield Problem("project.https", wsgi.place(keyword), message, hint)


def _order_problems(names: list[tuple[str, Place]]) -> Iterator[Problem]:
    known = [(name, place) for name, place in names if name in ORDER]
    for index, (name, place) in enumerate(known):
        ahead = [other for other, _ in known[:index] if ORDER.index(other) > ORDER.index(name)]
        if ahead and name in PROTECTIVE:
            message = f"{name}() comes after {ahead[0]}(), which a refused request then reaches."
            if name == security_headers.__name__:
                message = f"{name}() comes after {ahead[0]}(), whose answers then lack headers."
            hint = f"The order is: {', '.join(ORDER)}."
            yield Problem("project.middleware-order", place, message, hint)


def applications(module: Module, resolve: Callable[[str], str]) -> Iterator[ast.Call]:
    """Yield the calls that make an Application."""
    assert module.tree is not None  # noqa: S101  # the caller has looked
    for node in walk(module.tree):
        if isinstance(node, ast.Call) and resolve(module.dotted_name(node.func)) in _APPLICATION:
            yield node


def factory_of(node: ast.expr, module: Module, resolve: Callable[[str], str]) -> str:
    """Return which middleware of the runtime an item of the list makes; empty for any other."""
    called = node.func if isinstance(node, ast.Call) else node
    name = resolve(module.dotted_name(called))
    return name.rpartition(".")[2] if is_of_runtime(name) else ""
