"""Middleware that views and other middleware need, and that is missing or comes too late."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.deployment.middleware import applications, factory_of
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.views.old_names import set_on_requests
from mtvgen.checks.views.request_attributes import attributes_of_requests
from mtvgen.runtime import signed_sessions
from mtvgen.syntax_trees import walk

KIND = "project.middleware-needed"
# For each attribute of requests, the middleware that gives it, and as it is written in wsgi.py.
GIVEN_BY = {
    "db": ("database_session", "database_session(database)"),
    "session": (signed_sessions.__name__, "signed_sessions(settings.secret_key)"),
    "user": ("accounts", "accounts(User)"),
}


def needed_middleware(sources: Sources) -> list[Problem]:
    """Return the middleware that `wsgi.py` lacks, or has too late.

    Args:
        sources: The files of the project.
    """
    problems = list(_problems(sources))
    return [] if problems and _gives_them_itself(sources) else problems


def _problems(sources: Sources) -> Iterator[Problem]:
    wsgi = sources.modules.get("wsgi")
    call = next(applications(wsgi, sources.resolve), None) if wsgi and wsgi.tree else None
    if wsgi is None or call is None or any(word.arg is None for word in call.keywords):
        return
    keyword = next((word for word in call.keywords if word.arg == "middleware"), None)
    layers = keyword.value if keyword is not None else ast.List([])
    if not isinstance(layers, ast.List | ast.Tuple):
        return
    if any(isinstance(layer, ast.Starred) for layer in layers.elts):
        return
    names = [factory_of(layer, wsgi, sources.resolve) for layer in layers.elts]
    if "accounts" in names:
        yield from _needs_of_accounts(names, layers.elts, wsgi)
    for attribute, (name, written) in GIVEN_BY.items():
        if name in names:
            before = layers.elts[: names.index(name)]
            yield from _too_late(sources, wsgi, attribute, name, before)
        elif (use := _first_use(sources, attribute)) and not _is_used(name, sources):
            message = f"{use} uses request.{attribute}, and {name}() is missing."
            place = wsgi.place(keyword or call)
            yield Problem(KIND, place, message, arrow(f"middleware=[..., {written}]"))


def _needs_of_accounts(names: list[str], layers: list[ast.expr], wsgi: Module) -> Iterator[Problem]:
    """Yield what accounts() needs and does not find above it: no request would be answered."""
    place = wsgi.place(layers[names.index("accounts")])
    above = names[: names.index("accounts")]
    for name, written in (GIVEN_BY["db"], GIVEN_BY["session"]):
        if name in above:
            continue
        if name in names:
            message = f"accounts() needs {name}(), which comes after it."
            yield Problem(KIND, place, message, f"Move accounts(...) below {name}(...).")
        elif "" not in above:  # a layer of the project's own may hold it
            message = f"accounts() needs {name}(), which is missing."
            yield Problem(
                KIND, place, message, arrow(f"middleware=[{written}, ..., accounts(User)]")
            )


def _gives_them_itself(sources: Sources) -> bool:
    """Return whether the project has a source of its own for request.db or its like."""
    modules = sources.modules.values()
    stores = (b"session_store", b"SessionStore", b"SessionSource")
    if any(text in module.source for module in modules for text in stores):
        return True
    return not set_on_requests(modules).isdisjoint({"database", *GIVEN_BY})


def _first_use(sources: Sources, attribute: str) -> str:
    """Return where an attribute of the request is used: `views/notes.py:12`."""
    places = [
        module.place(node)
        for module in sources.modules.values()
        if f".{attribute}".encode() in module.source
        for node in attributes_of_requests(module, sources)
        if node.attr == attribute
    ]
    return f"{min(places).file}:{min(places).line}" if places else ""


def _is_used(name: str, sources: Sources) -> bool:
    """Return whether a middleware of the runtime is used somewhere, and not only imported."""
    return any(
        name in (getattr(node, "id", ""), getattr(node, "attr", ""))
        for module in sources.modules.values()
        if name.encode() in module.source and module.tree is not None
        for node in walk(module.tree)
    )


def _too_late(
    sources: Sources, wsgi: Module, attribute: str, name: str, before: list[ast.expr]
) -> Iterator[Problem]:
    """Yield the layers that use what only a later one gives."""
    for layer in before:
        found = sources.find_function(sources.resolve(wsgi.dotted_name(layer)))
        if found is None:
            continue
        module, middleware = found
        for node in attributes_of_requests(module, sources):
            if node.attr == attribute and _is_before_handler(node, middleware):
                where = module.place(node)
                message = (
                    f"{middleware.name} uses request.{attribute} ({where.file}:{where.line}), "
                    f"and {name}() comes after it."
                )
                hint = f"Move {middleware.name} below {name}(...)."
                yield Problem(KIND, wsgi.place(layer), message, hint)
                break


def _is_before_handler(node: ast.Attribute, middleware: Function) -> bool:
    """Return whether a middleware reaches an expression before it hands the request on."""
    if not middleware.args.args or not middleware.lineno <= node.lineno <= (
        middleware.end_lineno or 0
    ):
        return False
    handler = middleware.args.args[0].arg
    calls = [
        call.lineno
        for call in walk(middleware)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == handler
    ]
    return bool(calls) and node.lineno < min(calls)
