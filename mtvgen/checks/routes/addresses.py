"""url_for() against the routes: a name that no route has, parameters that are missing or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.python.calls import URLCall
from mtvgen.checks.report import Problem, suggest
from mtvgen.runtime.routing.converters import CONVERTERS
from mtvgen.runtime.support.other_frameworks import cure_of_url_for


class Addresses:
    """The names of routes, and what is wrong with a url_for().

    Args:
        routes: The routes.
        whole: Whether these are all, so that no route has any other name.
    """

    def __init__(self, routes: Iterable[RouteFact], *, whole: bool = True) -> None:
        self.whole = whole
        self.by_name: dict[str, list[RouteFact]] = {}
        self._names_of_views: dict[str | None, str] = {}
        for route in routes:
            if route.name is not None:
                self.by_name.setdefault(route.name, []).append(route)
                # What a view would be called, had its route no name of its own.
                self._names_of_views.setdefault(route.view, route.name)

    def mistake(
        self, name: str, params: Mapping[str, Any], is_open: bool
    ) -> tuple[str, str, str] | None:
        """What is wrong with a url_for().

        Args:
            name: The route's name.
            params: What is passed; `("const", value, ...)` for a literal, None for what is not
                known.
            is_open: Whether more is passed that can't be known.

        Returns:
            The id's second half, the sentence, and the hint; None where all is well.
        """
        routes = self.by_name.get(name)
        if routes is None and not self.whole:
            return None
        if routes is None:
            message = f"url_for({name!r}): no route has that name."
            meant = self._names_of_views.get(name)
            hint = f"Did you mean {meant!r}?" if meant else suggest(name, self.by_name)
            return "unknown-route", message, hint
        if any(route.vague for route in routes):
            return None
        converters = dict(routes[0].parameters)
        lacking = [param for param in converters if _is_lacking(params, param) and not is_open]
        if lacking:
            extra = [param for param in params if param not in converters]
            instead = f" (and got {', '.join(extra)})" if extra else ""
            hint = _cure_of_flask(name, params) or next(
                (hint for param in extra if (hint := suggest(param, lacking))), ""
            )
            return "url-missing", f"url_for({name!r}) needs {', '.join(lacking)}{instead}.", hint
        for param, converter in converters.items():
            given = params.get(param)
            if given is not None and given[0] == "const" and not _is_taken(converter, given[1]):
                label = CONVERTERS[converter].label
                return "url-type", f"url_for({name!r}): {param} is {label}, not {given[1]!r}.", ""
        return None

    def methods(self, name: str) -> frozenset[str]:
        """The methods that the routes of a name take."""
        routes = self.by_name.get(name, ())
        if any(route.vague for route in routes):
            return frozenset()
        return frozenset(method for route in routes for method in route.methods)


def _cure_of_flask(name: str, params: Mapping[str, Any]) -> str:
    """What to write instead of a call as Flask has it."""
    given = {
        param: value[1] if value and value[0] == "const" else "..."
        for param, value in params.items()
    }
    cure = cure_of_url_for(name, given)
    return f"-> {cure}" if cure else ""


def _is_lacking(params: Mapping[str, Any], name: str) -> bool:
    if name not in params:
        return True
    given = params[name]
    return given is not None and given[0] == "const" and given[1] is None


def _is_taken(converter: str, value: object) -> bool:
    try:
        CONVERTERS[converter].format(value)
    except ValueError:
        return False
    return True


def url_problems(calls: Iterable[URLCall], addresses: Addresses) -> Iterator[Problem]:
    """The url_for() calls of Python files that lead nowhere."""
    for call in calls:
        if call.is_target:
            # An address is what redirect() takes; a route's name looks like a relative one.
            if call.name in addresses.by_name and not call.name.startswith("/"):
                message = f"redirect({call.name!r}) takes an address, and that is a route's name."
                hint = f"Write redirect(request.url_for({call.name!r}))."
                yield Problem("views.redirect-name", call.file, call.line, message, hint)
            continue
        mistake = addresses.mistake(call.name, call.params, call.open)
        if mistake is not None:
            kind, message, hint = mistake
            text = f"redirects to {message}" if call.redirects else message
            yield Problem(f"views.{kind}", call.file, call.line, text, hint)
