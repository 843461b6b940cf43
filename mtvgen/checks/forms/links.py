"""Links to addresses that take no GET."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from jinja2 import nodes

from mtvgen.checks.forms.controls import is_driven
from mtvgen.checks.forms.targets import Target, targets_of
from mtvgen.checks.markup.parser import markup_of_file
from mtvgen.checks.report import Problem
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.checks.templates.template import Template
from mtvgen.checks.views.calls import URLCall

_ADDRESS = re.compile(r"""\bhref\s*=\s*["']?/(?!/)""", re.IGNORECASE)


def link_problems(
    template: Template, addresses: Addresses, is_reached: Callable[[Template, int], bool]
) -> Iterator[Problem]:
    """Yield the links of a template to routes that take no GET.

    Args:
        template: The template.
        addresses: All routes.
        is_reached: Whether a view reaches a call of url_for().
    """
    if addresses.without_get.isdisjoint(template.once(_names_and_addresses)):
        return
    for link in markup_of_file(template).named("a", "area"):
        href = link.get("href")
        if href is None or href.path or is_driven(link):
            continue
        for target in targets_of(href.value, addresses) or ():
            call = target.call
            if call is None or is_reached(call.template, call.node.lineno):
                problem = _problem(target)
                if problem is not None:
                    yield problem


def _names_and_addresses(template: Template) -> frozenset[str]:
    """The texts that may name a route; `/` stands for all addresses that are written out."""
    tree = template.tree
    calls = tree.all(nodes.Call) if tree is not None else ()
    names = {
        call.args[0].value
        for call in calls
        if call.args
        and isinstance(call.args[0], nodes.Const)
        and isinstance(call.args[0].value, str)
    }
    return frozenset(names | {"/"} if _ADDRESS.search(template.source) else names)


def _problem(target: Target) -> Problem | None:
    if target.is_vague or target.taking("GET") or not target.routes:
        return None
    place = target.place
    if place is None:  # the page itself
        return None
    message = f"a link sends GET, and {target.shown!r} takes {target.takes}."
    advice = 'Write a form with method="post" and a button.'
    return Problem("templates.link-method", place, message, advice)


def redirect_problems(calls: Iterable[URLCall], addresses: Addresses) -> Iterator[Problem]:
    """Yield the redirects to addresses that take no GET, which a browser then sends."""
    for call in calls:
        if not call.redirects or not call.is_certain:
            continue
        target = _redirected(call, addresses)
        if target is None or target.is_vague or target.taking("GET") or not target.routes:
            continue
        message = f"a redirect makes the browser send GET, and {call.name!r} takes {target.takes}."
        yield Problem("views.redirect-method", call.place, message)


def _redirected(call: URLCall, addresses: Addresses) -> Target | None:
    if call.is_target:
        pattern = call.name.partition("?")[0].partition("#")[0]
        is_here = pattern.startswith("/") and not pattern.startswith("//")
        return Target(call.name, pattern, addresses) if is_here else None
    routes = addresses.by_name.get(call.name)
    return Target(call.name, routes[0].pattern, addresses) if routes else None
