"""What walking a template yields, before any render call is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from mtvgen.checks.files import Stamp
from mtvgen.checks.interpreter.scopes import Ctx
from mtvgen.checks.interpreter.values import FALSE, TRUE, Conditions, Value


class Event(NamedTuple):
    """Something that a render call may have to answer for.

    Attributes:
        kind: `need` (a name of the view), `attr` (of a value), `undefined` (whatever is passed),
            `fault` (wrong by itself where it is reached), `silent` (left alone).
        value: What is used; for a fault its id, message and hint.
        template: The template that holds the line.
        line: The line.
        conditions: What has to be true for the line to be reached.
        soft: It may have been set by then, so it counts only where that is certain.
    """

    kind: str
    value: Value
    template: str
    line: int
    conditions: Conditions = ()
    soft: bool = False


class Slot(NamedTuple):
    """A place where a block is shown."""

    name: str
    ctx: Ctx
    template: str
    line: int
    conditions: Conditions
    required: bool
    by_self: bool


class Extends(NamedTuple):
    """An `extends`: the name of the parent, or None where it is computed."""

    parent: str | None
    line: int
    conditions: Conditions


@dataclass(eq=False)
class Unit:
    """One walk of one piece of template in one context, kept as long as its sources are the same.

    Attributes:
        events: In the order in which they were met; conditions count from the piece's beginning.
        slots: Blocks that it shows.
        extends: Parents that it names.
        certain: Whether one of those is named whatever is passed.
        mentions: Names of the view that it reads or hands on.
        written: Where names of the view, and attributes, are written: a macro that one is
            handed to uses it elsewhere.
        sources: The templates that it was made from; with None those that were not found.
        ctx: The context as it left it.
        whole: Whether nothing was left out because it was being walked already.
        silent: Whether a part could not be known, so what is unused can't be known either.
        reached: The names of all templates that it leads to.
    """

    events: dict[Event, None] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    extends: list[Extends] = field(default_factory=list)
    certain: bool = False
    mentions: set[str] = field(default_factory=set)
    written: dict[Value, dict[tuple[str, int], None]] = field(default_factory=dict)
    sources: dict[str, Stamp] = field(default_factory=dict)
    ctx: Ctx = field(default_factory=Ctx)
    whole: bool = True
    silent: bool = False
    reached: set[str] = field(default_factory=set)
    # The version of the store at which the sources were last seen to be the same.
    current_at: int = -1


class Recorder:
    """Collects what a walk yields, under the conditions that hold at the moment."""

    def __init__(self) -> None:
        self.unit = Unit()
        self.conditions: Conditions = ()
        self.softly = False

    def emit(self, kind: str, value: Value, template: str, line: int) -> None:
        """Note an event at the place that is being walked."""
        event = Event(kind, value, template, line, self.conditions, self.softly)
        self.unit.events[event] = None

    @contextmanager
    def under(self, test: Value, wanted: bool) -> Iterator[bool]:
        """Walk a branch; yields whether it can be reached at all."""
        before = self.conditions
        reachable = not ((test == TRUE and not wanted) or (test == FALSE and wanted))
        if (test, not wanted) in before:
            reachable = False
        elif test not in (TRUE, FALSE) and (test, wanted) not in before:
            self.conditions = (*before, (test, wanted))
        try:
            yield reachable
        finally:
            self.conditions = before

    @contextmanager
    def under_all(self, conditions: Conditions) -> Iterator[None]:
        """Walk something that was reached under conditions of its own."""
        before = self.conditions
        self.conditions = (*before, *(one for one in conditions if one not in before))
        try:
            yield
        finally:
            self.conditions = before

    @contextmanager
    def soft(self) -> Iterator[None]:
        """Walk a use of what may have been set by then."""
        before, self.softly = self.softly, True
        try:
            yield
        finally:
            self.softly = before

    def absorb(self, unit: Unit, *, only: Callable[[Event], bool] | None = None) -> None:
        """Take over what another walk yielded, as reached from here."""
        here = self.conditions
        if not here and not self.softly and only is None:
            self.unit.events.update(unit.events)
        else:
            self._absorb_events(unit, only)
        self.unit.mentions |= unit.mentions
        for value, places in unit.written.items():
            self.unit.written.setdefault(value, {}).update(places)
        self.unit.sources.update(unit.sources)
        self.unit.whole &= unit.whole
        self.unit.silent |= unit.silent
        self.unit.reached |= unit.reached

    def _absorb_events(self, unit: Unit, only: Callable[[Event], bool] | None) -> None:
        here = self.conditions
        for event in unit.events:
            if only is not None and not only(event):
                continue
            if here or self.softly:
                added = (one for one in event.conditions if one not in here)
                event = event._replace(conditions=(*here, *added), soft=event.soft or self.softly)
            self.unit.events[event] = None
