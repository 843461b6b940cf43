"""The words that all additions print: what was written, or would be, and what is left to do."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

import click

from mtvgen.add.addition import Plan, counted
from mtvgen.errors import printable
from mtvgen.startproject.destination import UNTOUCHED

_INSTALL = 'pip install "mtvgen[test]"'
_MOST_ROUTES = 8  # closed routes that are listed; `mtvgen routes` has them all


def description(plan: Plan, name: str) -> Iterator[str]:
    """Yield what was added: each new file, each changed line, and what is left to do.

    Args:
        plan: What add_to_project() has returned.
        name: What was added: `accounts`.
    """
    if plan.is_there:
        yield f"This project has {name} already. {UNTOUCHED}"
        return
    yield f"Added {name} ({_counts(plan)})"
    yield ""
    yield from (f"  {printable(file)}" for file in plan.new)
    yield from (f"  {printable(line)}" for line in plan.changed_lines())
    if not plan.is_tested:
        yield ""
        yield "No tests were run." if _has_pytest() else f"No tests were run. -> {_INSTALL}"
    yield from _left_to_do(plan)


def say_that_it_takes_seconds() -> None:
    """Tell whoever waits at a terminal what is going on."""
    if sys.stderr.isatty():
        click.echo("Checking and testing a copy of the project ...", err=True)


def _has_pytest() -> bool:
    return importlib.util.find_spec("pytest") is not None


def proposal(plan: Plan, name: str) -> Iterator[str]:
    """Yield what would be added: each new file, and the difference in those that are edited."""
    if plan.is_there:
        yield f"This project has {name} already. {UNTOUCHED}"
        return
    yield from map(printable, plan.new)
    yield ""
    yield from map(printable, plan.diff())
    yield from _left_to_do(plan)
    yield ""
    yield f"{_counts(plan)}. {UNTOUCHED}"


def _counts(plan: Plan) -> str:
    edited = sum(move.before is not None for move in plan.moves)
    return f"{counted(len(plan.new), 'new file')}, {counted(edited, 'edited file')}"


def _left_to_do(plan: Plan) -> Iterator[str]:
    if plan.unplaced:
        yield ""
        yield "Not placed, and yours to add:"
        yield from (f"  {each}" for each in plan.unplaced)


def closed_routes(plan: Plan) -> Iterator[str]:
    """Yield which routes visitors can't use, and how to open one."""
    if not plan.closed:
        return
    shown = plan.closed[:_MOST_ROUTES]
    more = len(plan.closed) - len(shown)
    rest = f", and {more} more (mtvgen routes)" if more else ""
    yield ""
    yield f"Visitors have to log in for: {', '.join(map(printable, shown))}{rest}"
    yield "To open a route to everybody, such as the home page, in urls.py:"
    yield "  from mtvgen.runtime.accounts import everybody"
    yield '  path("/", home.index, access=everybody),'
