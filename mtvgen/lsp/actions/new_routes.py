"""A new route: the path() of a name that no route has, and the import of its view's module."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mtvgen.checks.python.sources import Sources
from mtvgen.lsp.actions.edits import Changes, Step
from mtvgen.lsp.actions.python_edits import add_import, add_item
from mtvgen.lsp.actions.route_places import RoutePlace, place_in_group, place_in_urls
from mtvgen.lsp.workspace.here import Here

_RUNTIME = "mtvgen.runtime"
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_KEYWORD = re.compile(r"(\w+)\s*=(?!=)\s*([^,\n]*)")
_INTEGER = re.compile(r"\d+|\w+(?:\.\w+)*\.id")
# Functions of the tutorial that take what a form sends.
_OF_FORMS = frozenset({"create", "update", "delete", "save", "remove"})


def add_route(here: Here, name: str, arguments: str, *, is_of_form: bool) -> Step | None:
    """Return the step that adds a path(), and the import of its view's module.

    It goes to the list that has routes of such names already, whose include() may say who may
    use them; else to urls.py.

    Args:
        here: Where somebody asks.
        name: The route's name.
        arguments: What a url_for() passes besides, as it is written.
        is_of_form: Whether a form sends POST there.
    """
    place = place_in_group(here, name) or place_in_urls(here, name)
    if place is None or _is_taken(here.sources, place.view_module, place.function):
        return None
    methods = ("POST",) if is_of_form or place.function in _OF_FORMS else ("GET",)
    pattern = _free_pattern(here, place, _parameters(arguments), methods)
    if pattern is None:
        return None
    written = [f'"{pattern}"', place.view]
    if place.name:
        written.append(f'name="{place.name}"')
    if methods == ("POST",):
        written.append('methods=["POST"]')
    line = f"path({', '.join(written)})"
    module = place.module
    edits = [add_item(module, place.routes, line), add_import(module, _RUNTIME, "path"), place.edit]
    changes = Changes(tuple(edit for edit in edits if edit is not None))
    return Step(f"Add {line} to {module.file}", changes)


def _is_taken(sources: Sources, module_name: str, function: str) -> bool:
    """Return whether a name is something other than a function in a module of views."""
    module = sources.modules.get(module_name)
    return module is not None and (function in module.names or function in module.classes)


def _free_pattern(
    here: Here, place: RoutePlace, parameters: Mapping[str, str], methods: tuple[str, ...]
) -> str | None:
    """Return a pattern that no route has for these methods; None if both that fit are taken."""
    parts = ["", *place.segments, *parameters.values()]
    short, long = "/".join(parts), "/".join([*parts, place.function])
    taken = {route.pattern for route in here.routes if {*route.methods} & {*methods}}
    fitting = (short, long) if place.function in ("index", "detail", "create") else (long,)
    return next((pattern for pattern in fitting if place.prefix + pattern not in taken), None)


def _parameters(arguments: str) -> Mapping[str, str]:
    """Return the part of a pattern for each keyword of a url_for()."""
    written = _KEYWORD.findall(_STRING.sub("''", arguments))
    return {
        name: f"<int:{name}>" if _is_number(name, value.strip()) else f"<{name}>"
        for name, value in written
    }


def _is_number(name: str, value: str) -> bool:
    return name == "id" or name.endswith("_id") or bool(_INTEGER.fullmatch(value))
