"""The names and attributes that a template needs, against what each render call passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mtvgen.checks.interpreter.reachability import Reachability
from mtvgen.checks.interpreter.recording import Use, WalkResult
from mtvgen.checks.interpreter.values import Value
from mtvgen.checks.places import Place
from mtvgen.checks.python.calls import RenderCall
from mtvgen.checks.rendering.wording import undefined_problem, wrong_problem
from mtvgen.checks.report import Problem, Unchecked, meant_by
from mtvgen.checks.templates.places import line_of
from mtvgen.checks.templates.store import Store
from mtvgen.runtime.support.suggestions import closest


@dataclass(frozen=True)
class WrongAttribute:
    """What is wrong with an attribute of a value that a call passes.

    Attributes:
        kind: The problem's id.
        owner: The class that lacks the attribute: `Note`, `a list`.
        message: The sentence.
        meant: The attribute that was probably meant.
    """

    kind: str
    owner: str
    message: str
    meant: str = ""


AttributeCheck = Callable[[Value, RenderCall], WrongAttribute | None]


@dataclass
class MissingName:
    """A name that calls do not pass.

    Attributes:
        name: The name.
        place: Where the name is written, for the first time.
        advice: What to do about it, besides passing it.
        calls: The calls that lack it.
    """

    name: str
    place: Place
    advice: str
    calls: list[RenderCall] = field(default_factory=list)

    def problem(self, known: frozenset[str]) -> Problem:
        """One line for all calls."""
        first = min(self.calls, key=lambda call: call.place or _LAST)
        passed = ", ".join(map(repr, first.names)) or "nothing"
        more = len(self.calls) - 1
        others = f" and {more} more call{'s' * (more != 1)}" if more else ""
        verb = "render" if more else "renders"
        message = f"{self.name!r} is undefined: {first.shown}{others} {verb} this with {passed}."
        meant = meant_by(self.name, {*first.names, *known})
        return Problem("views.missing-name", self.place, message, self.advice, meant=meant)


# Behind the place of every call that is written in a file.
_LAST = Place.at("\U0010ffff")


class RenderCheck:
    """The problems of one entry: a template, and the render calls that name it.

    Args:
        store: The templates, for their files.
        result: What walking it yielded.
        calls: The calls; none where nothing renders it.
        known: The names that every template has.
        attribute: What is wrong with an attribute, by the types that a call passes.
    """

    def __init__(
        self,
        store: Store,
        result: WalkResult,
        calls: Sequence[RenderCall],
        known: frozenset[str],
        attribute: AttributeCheck,
    ) -> None:
        self._store = store
        self._result = result
        self._calls = calls
        self._known = known
        self._attribute = attribute
        self._reached = [(call, self._reachability(call)) for call in calls]
        self.problems: list[Problem] = []
        self.missing: dict[tuple[str, str], MissingName] = {}
        self.unchecked: list[Unchecked] = []

    def _reachability(self, call: RenderCall) -> Reachability:
        passed = None if call.open else frozenset(call.names) | self._known

        def lacks(value: Value) -> bool:
            return self._attribute(value, call) is not None

        return Reachability(passed, call.constants, lacks)

    def run(self) -> RenderCheck:
        """Find the problems of all calls together."""
        wrong_imports: dict[str, Value] = {}
        for use in self._result.uses:
            if use.kind == "need":
                self._check_need(use)
            elif use.kind == "attr":
                self._check_attribute(use)
            elif use.kind == "silent":
                what, why = use.value
                place = self._store.tokens(use.template).place(use.line)
                self.unchecked.append(Unchecked(place, what, why))
            elif use.kind == "import":
                wrong_imports[use.value[2]] = use.value
            elif self._is_reached(use):
                self._check_undefined(use)
        self._explain_imports(wrong_imports)
        return self

    def _is_reached(self, use: Use) -> bool:
        if not self._calls:
            # Nobody renders it, so every name may be passed.
            required = use.kind == "fault" and use.value[0] == "required-block"
            return not required and Reachability(None).reaches(use)
        return any(reachability.reaches(use) for _, reachability in self._reached)

    def _check_need(self, use: Use) -> None:
        name = use.value[1]
        for call, reachability in self._reached:
            if reachability.has(name) or not reachability.reaches(use):
                continue
            is_certain = reachability.reachable(use.conditions, surely=True)
            if self._is_passed_elsewhere(name) and not is_certain:
                why = "another call passes the name, and an if decides"
                self.unchecked.append(Unchecked(self._place_of(use), "name", why))
                continue
            place, advice = self._place_of(use), ""
            if len(use.value) == 3:
                in_file = use.value[2]
                advice = f"A block does not see the names of a loop: write scoped in {in_file}."
            missing = MissingName(name, place, advice)
            missing = self.missing.setdefault((place.file, name), missing)
            if call not in missing.calls:
                missing.calls.append(call)

    def _is_passed_elsewhere(self, name: str) -> bool:
        return any(reachability.has(name) for _, reachability in self._reached)

    def _check_attribute(self, use: Use) -> None:
        for call, reachability in self._reached:
            wrong = self._attribute(use.value, call)
            if wrong is not None and reachability.reaches(use):
                place = self._place_of(use)
                problem = Problem(wrong.kind, place, wrong.message, meant=wrong.meant)
                self.problems.append(problem)
                return

    def _check_undefined(self, use: Use) -> None:
        if use.kind == "undefined":
            self.problems.append(undefined_problem(use, self._store))
        else:
            self.problems.append(wrong_problem(use, self._store))

    def _explain_imports(self, wrong_imports: dict[str, Value]) -> None:
        """Where an import is misspelt and the right name is used: one line, for the import."""
        for name, value in wrong_imports.items():
            meant = closest(name, {missing_name for _, missing_name in self.missing})
            if meant is not None and meant in value[5].exports:
                use = Use("undefined", value, value[3], value[4])
                self.problems.append(undefined_problem(use, self._store))
                self.missing = {
                    place: missing for place, missing in self.missing.items() if place[1] != meant
                }

    def _place_of(self, use: Use) -> Place:
        """Where a value is written; a macro that it is handed to is not to blame."""
        value = use.value[:2] if use.kind == "need" else use.value
        template, mark = _nearest(use, self._result.written.get(value, {}))
        tokens = self._store.tokens(template)
        if use.kind == "need":
            return tokens.name_until(mark, value[1])
        return tokens.name_from(mark, value[2])


def _nearest(use: Use, written: Iterable[tuple[str, int]]) -> tuple[str, int]:
    """Of the marks at which a value is written the one that a use means.

    That is the last one before it in the same line: the value is used by what follows.
    """
    line = line_of(use.line)
    here = [mark for name, mark in written if name == use.template and line_of(mark) == line]
    before = [mark for mark in here if mark <= use.line]
    if here:
        return use.template, max(before) if before else min(here)
    return next(iter(written), (use.template, use.line))


def unused_names(result: WalkResult, calls: Iterable[RenderCall]) -> Iterator[Problem]:
    """Notes on names that a call passes and that no template reads."""
    if result.silent:
        return
    for call in calls:
        for name, place in call.keywords.items():
            if name not in result.mentions and call.template is not None:
                message = f"{call.template} does not use {name!r}."
                yield Problem("views.unused-name", place, message, severity="note")
