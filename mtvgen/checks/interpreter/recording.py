"""The result of walking a template, before any render call is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from mtvgen.checks.files import Stamp
from mtvgen.checks.interpreter.scopes import TemplateContext
from mtvgen.checks.interpreter.values import FALSE, TRUE, Conditions, Value


class Use(NamedTuple):
    """Something that a render call may have to answer for.

    Attributes:
        kind: `need` (a name of the view), `attr` (of a value), `undefined` (whatever is passed),
            `import` (of a name that the other template lacks), `missing` (another template),
            `fault` (wrong by itself where it is reached), `silent` (left alone).
        value: What is used; for a fault its id, message and hint.
        template: The template that holds the line.
        line: The line.
        conditions: What has to be true for the line to be reached.
        maybe_set: It may have been set by then, so it counts only where that is certain.
    """

    kind: str
    value: Value
    template: str
    line: int
    conditions: Conditions = ()
    maybe_set: bool = False


class Slot(NamedTuple):
    """A place where a block is shown.

    Attributes:
        name: The name of the block.
        context: What the block sees there.
        template: The template that holds the line.
        line: The line.
        conditions: What has to be true for the line to be reached.
        required: Whether a child has to fill the block.
        by_self: Whether it is shown by `self.name()`, which no block has to have.
    """

    name: str
    context: TemplateContext
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
class WalkResult:
    """One walk of one piece of template in one context, kept as long as its sources are the same.

    Attributes:
        uses: In the order in which they were met; conditions count from the piece's beginning.
        slots: Blocks that it shows.
        extends: Parents that it names.
        certain: Whether one of those is named whatever is passed.
        mentions: Names of the view that it reads or hands on.
        written: Where names of the view, and attributes, are written: a macro that one is
            handed to uses it elsewhere.
        sources: The templates that it was made from; with None those that were not found.
        context: The context as it left it.
        whole: Whether nothing was left out because it was being walked already.
        silent: Whether a part could not be known, so what is unused can't be known either.
        reached: The names of all templates that it leads to.
    """

    uses: dict[Use, None] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    extends: list[Extends] = field(default_factory=list)
    certain: bool = False
    mentions: set[str] = field(default_factory=set)
    written: dict[Value, dict[tuple[str, int], None]] = field(default_factory=dict)
    sources: dict[str, Stamp] = field(default_factory=dict)
    context: TemplateContext = field(default_factory=TemplateContext)
    whole: bool = True
    silent: bool = False
    reached: set[str] = field(default_factory=set)
    # The version of the store at which the sources were last seen to be the same.
    current_at: int = -1


class Recorder:
    """Collects what a walk yields, under the conditions that hold at the moment."""

    def __init__(self) -> None:
        self.result = WalkResult()
        self.conditions: Conditions = ()
        self.is_maybe_set = False

    def note_use(self, kind: str, value: Value, template: str, line: int) -> None:
        """Note a use at the place that is being walked."""
        use = Use(kind, value, template, line, self.conditions, self.is_maybe_set)
        self.result.uses[use] = None

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
        self.conditions = (*before, *(added for added in conditions if added not in before))
        try:
            yield
        finally:
            self.conditions = before

    @contextmanager
    def as_maybe_set(self) -> Iterator[None]:
        """Walk a use of what may have been set by then."""
        before, self.is_maybe_set = self.is_maybe_set, True
        try:
            yield
        finally:
            self.is_maybe_set = before

    def absorb(self, result: WalkResult, *, only: Callable[[Use], bool] | None = None) -> None:
        """Take over what another walk yielded, as reached from here."""
        here = self.conditions
        if not here and not self.is_maybe_set and only is None:
            self.result.uses.update(result.uses)
        else:
            self._absorb_uses(result, only)
        self.result.mentions |= result.mentions
        for value, places in result.written.items():
            self.result.written.setdefault(value, {}).update(places)
        self.result.sources.update(result.sources)
        self.result.whole &= result.whole
        self.result.silent |= result.silent
        self.result.reached |= result.reached

    def _absorb_uses(self, result: WalkResult, only: Callable[[Use], bool] | None) -> None:
        here = self.conditions
        for use in result.uses:
            if only is not None and not only(use):
                continue
            if here or self.is_maybe_set:
                added = (condition for condition in use.conditions if condition not in here)
                use = use._replace(
                    conditions=(*here, *added), maybe_set=use.maybe_set or self.is_maybe_set
                )
            self.result.uses[use] = None
