"""Methods: what a form or a link sends to an address, and what the routes there take."""

from __future__ import annotations

from collections.abc import Callable

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.forms.controls import BUTTONS, Form, up_to
from mtvgen.checks.forms.targets import Target
from mtvgen.checks.reading.reads import Reads, Source
from mtvgen.checks.report import Problem


def method_of(form: Form) -> str | None:
    """Return what a form sends: `GET` or `POST`; None where that is computed, or something else."""
    methods = form.texts("method", "get")
    if methods is None or len(methods) != 1:
        return None
    method = methods[0].strip().upper()
    if method == "DIALOG":
        return None
    return "POST" if method == "POST" else "GET"  # HTML, 4.10.18.6: the invalid value default


def method_problem(form: Form, method: str, targets: list[Target]) -> Problem | None:
    """Return the problem of a form that no route at its address takes."""
    if not targets or any(target.is_vague for target in targets):
        return None
    wrong = [target for target in targets if not _takes(target, method)]
    is_here = any(target.is_here for target in targets)
    if not wrong or (is_here and len(wrong) < len(targets)):
        return None
    target, place = wrong[0], up_to(form.element, "action")
    if target.is_here:
        message = f"this form sends {method} to its own page, {target.shown}, which takes"
        message = f"{message} {target.takes}."
        advice = 'Write where it goes: action="{{ url_for(...) }}"'
        return Problem("templates.form-method", place, message, advice)
    message = f"this form sends {method} to {target.shown!r}, which takes {target.takes}."
    return Problem("templates.form-method", place, message, _advice(method, target))


def _advice(method: str, target: Target) -> str:
    """Return what to write, where one of the two can only mean one thing."""
    if method == "GET":
        return '-> method="post"' if target.taking("POST") else ""
    return '-> its path() in urls.py: methods=["GET", "POST"]' if target.takes == "GET" else ""


def _takes(target: Target, method: str) -> bool:
    """Return whether a route takes a method there.

    A GET is what a form sends that has lost its method, so the name itself has to take it.
    """
    if method == "GET":
        return any("GET" in route.methods for route in target.named)
    return bool(target.taking(method))


def forgotten_method(
    form: Form, targets: list[Target], reads_of: Callable[[RouteFact, str], Reads | None]
) -> Problem | None:
    """Return the problem of a form without a method whose fields are read of a POST alone.

    Args:
        form: The form.
        targets: Where it goes.
        reads_of: Returns what the view of a route reads of a method.
    """
    names = {
        control.names[0]
        for control in form.controls
        if control.names and len(control.names) == 1 and control.kind not in BUTTONS
    }
    if not names or form.element.get("method") is not None or form.is_open:
        return None
    for target in targets:
        for route in target.taking("GET"):
            of_get = reads_of(route, "GET")
            if of_get is None or any(of_get.may_read(Source.QUERY, name) for name in names):
                return None
        for route in target.taking("POST"):
            of_post = reads_of(route, "POST")
            for read in of_post.of(Source.FORM) if of_post is not None else ():
                if read.is_required and read.key in names:
                    shown = f"this form sends GET to {target.shown!r}"
                    message = f"{shown}, and {read.spot.shown} reads {read.key!r} of a POST."
                    place, advice = up_to(form.element, "action"), '-> method="post"'
                    return Problem("templates.form-method", place, message, advice)
    return None
