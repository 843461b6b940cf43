"""The pieces that templates are walked in, and what a walk yields before a render call is seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias, TypeVar

from mtvgen.checks.files import Stamp
from mtvgen.checks.interpreter.findings import Finding, LeftAlone, Link, Use, WrongImport
from mtvgen.checks.interpreter.macros import Macro
from mtvgen.checks.interpreter.scopes import ContextKey, TemplateContext
from mtvgen.checks.interpreter.values import Conditions, Constant, Either, Position, Value
from mtvgen.records import record

T = TypeVar("T")


@record(frozen=True, slots=True)
class Entry:
    """A template that a view renders, with all that it leads to."""

    template: str


@record(frozen=True, slots=True)
class Run:
    """A template with its parents, for an include or an import."""

    template: str
    stamp: Stamp
    context: ContextKey


@record(frozen=True, slots=True)
class Top:
    """A template outside its blocks."""

    template: str
    stamp: Stamp
    context: ContextKey


@record(frozen=True, slots=True)
class Block:
    """A block of some templates, from the one that is shown up to the last that super() shows."""

    name: str
    templates: tuple[str, ...]
    context: ContextKey


@record(frozen=True, slots=True)
class MacroBody:
    """A macro with the values of its arguments, called in one state of the names around it."""

    macro: Macro
    state: tuple[int, ...]
    context: ContextKey
    arguments: tuple[tuple[str, Value], ...]


@record(frozen=True, slots=True)
class BelowUnknown:
    """The blocks of templates whose parent is not known."""


Piece: TypeAlias = Entry | Run | Top | Block | MacroBody | BelowUnknown


class Slot(NamedTuple):
    """A place where a block is shown.

    Attributes:
        name: The name of the block.
        context: What the block sees there.
        position: Where it is shown.
        conditions: What has to be true for the place to be reached.
        required: Whether a child has to fill the block.
        by_self: Whether it is shown by `self.name()`, which no block has to have.
    """

    name: str
    context: TemplateContext
    position: Position
    conditions: Conditions = ()
    required: bool = False
    by_self: bool = False


class Extends(NamedTuple):
    """An `extends`: the name of the parent, or None where it is computed."""

    parent: str | None
    position: Position
    conditions: Conditions


# What is used in one place in more ways than this is left alone beyond them. A page that shows a
# macro or an include in both arms of an `if` doubles the ways, and each level below does again.
MAX_WAYS = 12
# As many lists of arguments, or contexts, a macro or an include is walked with inside of one
# other; inside of two half as many, and so on, but never fewer than the least.
MAX_NESTED_WALKS, LEAST_NESTED_WALKS = 64, 4

# Most pieces are blocks and macros, which leave none to others.
_NO_CONTEXT = TemplateContext()


@dataclass(eq=False)
class WalkResult:
    """One walk of one piece of template in one context, kept while its sources are the same.

    Attributes:
        uses: In the order in which they were met; conditions count from the piece's beginning.
        slots: Blocks that it shows.
        extends: Parents that it names.
        certain: Whether one of those is named whatever is passed.
        mentions: Names of the view that it reads or hands on.
        written: Where names of the view, and attributes, are written: a macro that one is
            handed to uses it elsewhere.
        sources: The templates that it was made from, each with the version that it was walked as;
            with None those that were not found.
        context: The context as the top of a template left it.
        whole: Whether nothing was left out because it was being walked already.
        silent: Whether a part could not be known, so what is unused can't be known either.
        reached: The names of all templates that it leads to.
        piece: What was walked.
        parts: The walks that it consists of, in their order.
        is_composed: Whether it consists of nothing else: no condition is around a part.
        blocks: The names of the blocks that its template has, where that is a template's top.
        renews: The result that it takes the place of, where that was composed of as many parts.
        successor: A later walk of the same piece, which leads on as this one.
    """

    piece: Piece | None = None
    parts: list[WalkResult] = field(default_factory=list)
    is_composed: bool = True
    blocks: frozenset[str] = frozenset()
    renews: WalkResult | None = None
    successor: WalkResult | None = None

    uses: dict[Use, None] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    extends: list[Extends] = field(default_factory=list)
    certain: bool = False
    mentions: set[str] = field(default_factory=set)
    written: dict[tuple[Value, Position], None] = field(default_factory=dict)
    sources: dict[str, Stamp] = field(default_factory=dict)
    context: TemplateContext = _NO_CONTEXT
    whole: bool = True
    silent: bool = False
    reached: set[str] = field(default_factory=set)
    # How many uses there are of a thing in one place.
    ways: dict[tuple[Finding, Position], int] = field(default_factory=dict)
    # The version of the store at which the sources were last seen to be the same.
    current_at: int = -1
    # An earlier walk of the same piece, and the uses that it had not.
    _beyond: tuple[WalkResult, tuple[Use, ...]] | None = None

    @cached_property
    def links(self) -> tuple[Use, ...]:
        """The uses that are links."""
        return tuple(use for use in self.uses if isinstance(use.what, Link))

    @cached_property
    def has_dependent_uses(self) -> bool:
        """Whether there are uses of which it depends on others what they mean, apart from links."""
        return any(use.maybe_set or isinstance(use.what, WrongImport) for use in self.uses)

    def uses_beyond(self, earlier: WalkResult) -> tuple[Use, ...]:
        """Return the uses, apart from links, that an earlier walk had not, in whatever place."""
        if self._beyond is None or self._beyond[0] is not earlier:
            had = {(use.what, use.conditions) for use in earlier.uses}
            others = (use for use in self.uses if not isinstance(use.what, Link))
            new = (use for use in others if (use.what, use.conditions) not in had)
            self._beyond, earlier._beyond = (earlier, tuple(new)), None
        return self._beyond[1]

    def leads_on_as(self, other: WalkResult) -> bool:
        """Return whether a template goes on behind both in the same way, whatever they use."""
        return (
            (self.certain, self.whole, self.blocks) == (other.certain, other.whole, other.blocks)
            and self.context.exported == other.context.exported
            and self.context.key == other.context.key
            and [(one.parent, one.conditions) for one in self.extends]
            == [(one.parent, one.conditions) for one in other.extends]
            and [_shown_by(slot) for slot in self.slots]
            == [_shown_by(slot) for slot in other.slots]
        )


def _shown_by(slot: Slot) -> tuple[object, ...]:
    """Return what decides what a place shows, and not where it is."""
    return slot.name, slot.context.key, slot.conditions, slot.required, slot.by_self


class Branch:
    """The conditions of a recorder while a branch is walked, in a `with`."""

    __slots__ = ("_before", "_conditions", "_reachable", "_recorder")

    def __init__(self, recorder: Recorder, conditions: Conditions, reachable: bool = True) -> None:
        self._recorder = recorder
        self._before = recorder.conditions
        self._conditions = conditions
        self._reachable = reachable

    def __enter__(self) -> bool:
        self._recorder.conditions = self._conditions
        return self._reachable

    def __exit__(self, *_: object) -> None:
        self._recorder.conditions = self._before


class Recorder:
    """Collects what a walk yields, under the conditions that hold at the moment."""

    def __init__(self) -> None:
        self.result = WalkResult()
        self.conditions: Conditions = ()
        self.is_maybe_set = False
        # What is being walked, outermost first: nothing is walked inside itself.
        self.walking: list[Piece] = []
        # Within one piece the body of a macro is walked once for each list of arguments.
        self.macro_bodies: dict[MacroBody, WalkResult] = {}
        # How often a macro, or a template that is included, was walked inside of others.
        self._nested: Counter[Macro | str] = Counter()

    def may_walk_nested(self, thing: Macro | str) -> bool:
        """Return whether a macro, or an include, is still walked with what it is given here.

        Inside others it is walked with so many lists of values, and then with unknown ones.
        """
        kind = Run if isinstance(thing, str) else MacroBody
        depth = sum(isinstance(piece, kind) for piece in self.walking)
        if not depth:
            return True
        self._nested[thing] += 1
        return self._nested[thing] <= max(MAX_NESTED_WALKS >> (depth - 1), LEAST_NESTED_WALKS)

    def record(self, piece: Piece, walk: Callable[[], object]) -> WalkResult:
        """Walk a piece under no conditions but its own."""
        outer = (self.result, self.conditions, self.is_maybe_set, self.macro_bodies)
        self.result, self.conditions, self.is_maybe_set = WalkResult(piece), (), False
        if not isinstance(piece, MacroBody):
            self.macro_bodies = {}
        if isinstance(piece, Entry):
            self._nested.clear()
        self.walking.append(piece)
        try:
            walk()
            return self.result
        finally:
            self.walking.pop()
            self.result, self.conditions, self.is_maybe_set, self.macro_bodies = outer

    def note(self, what: Finding, position: Position) -> None:
        """Note a use under the present conditions."""
        self._add(Use(what, position, self.conditions, self.is_maybe_set))

    def _add(self, use: Use) -> None:
        """Keep a use, unless there are too many ways to this place already."""
        result, key = self.result, (use.what, use.position)
        result.is_composed = False
        ways, count = result.ways.get(key, 0), len(result.uses)
        if ways > MAX_WAYS or (ways == MAX_WAYS and use in result.uses):
            return
        if ways == MAX_WAYS:
            why = "it is reached in more ways than are followed"
            use = Use(LeftAlone("line", why), use.position)
        result.uses[use] = None  # whose hash is that of all its conditions: asked for once
        if len(result.uses) > count or ways == MAX_WAYS:
            result.ways[key] = ways + 1

    def note_written(self, value: Value, position: Position) -> None:
        """Note where a value is written."""
        self.result.written[value, position] = None

    def under(self, test: Value, wanted: bool) -> Branch:
        """Walk a branch; yields whether it can be reached at all."""
        here = self.conditions
        if isinstance(test, Constant) and isinstance(test.value, bool):
            return Branch(self, here, reachable=test.value is wanted)
        reachable = (test, not wanted) not in here
        is_new = reachable and (test, wanted) not in here
        return Branch(self, (*here, (test, wanted)) if is_new else here, reachable)

    def on_both_sides(
        self, value: Either, act: Callable[[Value], T], unreachable: T
    ) -> tuple[T, T]:
        """Return what a function gives for each side of a value, called under its condition."""
        with self.under(value.test, True) as reachable:
            then = act(value.then) if reachable else unreachable
        with self.under(value.test, False) as reachable:
            return then, act(value.otherwise) if reachable else unreachable

    def under_all(self, conditions: Conditions) -> Branch:
        """Walk something that was reached under conditions of its own."""
        here = self.conditions
        if conditions:
            here = (*here, *(added for added in conditions if added not in here))
        return Branch(self, here)

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
            self.result.parts.append(result)
            self.result.uses.update(result.uses)
            self.result.ways.update(result.ways)
        else:
            self._absorb_uses(result, only)
        self.result.mentions |= result.mentions
        self.result.written.update(result.written)
        self.result.sources.update(result.sources)
        self.result.whole &= result.whole
        self.result.silent |= result.silent
        self.result.reached |= result.reached

    def _absorb_uses(self, result: WalkResult, only: Callable[[Use], bool] | None) -> None:
        self.result.is_composed = False
        here, hold_here = self.conditions, frozenset(self.conditions)
        for use in result.uses:
            is_full = self.result.ways.get((use.what, use.position), 0) > MAX_WAYS
            if is_full or (only is not None and not only(use)):
                continue
            if here or self.is_maybe_set:
                added = (condition for condition in use.conditions if condition not in hold_here)
                is_maybe_set = use.maybe_set or self.is_maybe_set
                use = Use(use.what, use.position, (*here, *added), is_maybe_set)
            self._add(use)
