"""What templates need, put against what each render call passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mtvgen.checks.calls import RenderCall
from mtvgen.checks.events import Event, Unit
from mtvgen.checks.problems import Problem, Unchecked, suggest
from mtvgen.checks.templates import Store
from mtvgen.checks.values import Known, Value
from mtvgen.checks.wording import undefined_problem, wrong_problem
from mtvgen.runtime.suggestions import closest

# Asks what is wrong with an attribute of a value: the sentence and the hint, or None.
AttributeCheck = Callable[[Value, RenderCall], tuple[str, str, str] | None]


@dataclass
class _Finding:
    """One event that some calls fall into."""

    event: Event
    calls: list[RenderCall] = field(default_factory=list)


class Join:
    """The problems of one entry: a template, and the render calls that name it.

    Args:
        store: The templates, for their files.
        name: The template that the calls name.
        unit: What walking it yielded.
        calls: The calls; none where nothing renders it.
        known: The names that every template has.
        attribute: What is wrong with an attribute, by the types that a call passes.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        unit: Unit,
        calls: Sequence[RenderCall],
        known: frozenset[str],
        attribute: AttributeCheck,
    ) -> None:
        self._store = store
        self._name = name
        self._unit = unit
        self._calls = calls
        self._known = known
        self._attribute = attribute
        self._facts = [(call, self._facts_of(call)) for call in calls]
        self.problems: list[Problem] = []
        self.unchecked: list[Unchecked] = []

    def _facts_of(self, call: RenderCall) -> Known:
        passed = None if call.open else frozenset(call.names) | self._known

        def lacks(value: Value) -> bool:
            return self._attribute(value, call) is not None

        return Known(passed, call.constants, lacks)

    def run(self) -> Join:
        """Find the problems of all calls together."""
        missing: dict[tuple[str, str], _Finding] = {}
        wrong_imports: dict[str, Value] = {}
        for event in self._unit.events:
            if event.kind == "need":
                self._check_need(event, missing)
            elif event.kind == "attr":
                self._check_attribute(event)
            elif event.kind == "silent":
                what, why = event.value
                self.unchecked.append(Unchecked(self._file(event), event.line, what, why))
            elif event.kind == "import":
                wrong_imports[event.value[2]] = event.value
            elif self._is_reached(event):
                self._check_undefined(event)
        self._explain_missing(missing, wrong_imports)
        return self

    def _is_reached(self, event: Event) -> bool:
        if not self._calls:
            # Nobody renders it, so every name may be passed.
            required = event.kind == "fault" and event.value[0] == "required-block"
            return not required and Known(None).reachable(event.conditions, surely=event.soft)
        return any(facts.reachable(event.conditions, surely=event.soft) for _, facts in self._facts)

    def _check_need(self, event: Event, missing: dict[tuple[str, str], _Finding]) -> None:
        name = event.value[1]
        for call, facts in self._facts:
            if facts.has(name) or not facts.reachable(event.conditions, surely=event.soft):
                continue
            if self._is_passed_elsewhere(name) and not facts.reachable(
                event.conditions, surely=True
            ):
                why = "another call passes the name, and an if decides"
                self.unchecked.append(Unchecked(self._file(event), event.line, "name", why))
                continue
            finding = missing.setdefault((name, event.template), _Finding(event))
            if call not in finding.calls:
                finding.calls.append(call)

    def _is_passed_elsewhere(self, name: str) -> bool:
        return any(facts.has(name) for _, facts in self._facts)

    def _check_attribute(self, event: Event) -> None:
        for call, facts in self._facts:
            wrong = self._attribute(event.value, call)
            if wrong is not None and facts.reachable(event.conditions, surely=event.soft):
                kind, message, hint = wrong
                file = self._file(event)
                self.problems.append(Problem(kind, file, event.line, message, hint))
                return

    def _check_undefined(self, event: Event) -> None:
        if event.kind == "undefined":
            self.problems.append(undefined_problem(event, self._store))
        else:
            self.problems.append(wrong_problem(event, self._store))

    def _explain_missing(
        self, missing: dict[tuple[str, str], _Finding], wrong_imports: dict[str, Value]
    ) -> None:
        """One line for each name and template, and one where an import is at fault."""
        explained = set()
        for name, value in wrong_imports.items():
            used = any(problem.id == "templates.import-name" for problem in self.problems)
            meant = closest(name, {one for one, _ in missing})
            if not used and meant is not None and meant in value[5].exports:
                event = Event("undefined", value, value[3], value[4])
                self.problems.append(undefined_problem(event, self._store))
                explained.add(meant)
        for (name, _), finding in missing.items():
            if name not in explained:
                self.problems.append(self._missing_name(name, finding))

    def _missing_name(self, name: str, finding: _Finding) -> Problem:
        event, first = finding.event, finding.calls[0]
        template, line = self._place_of(name, event)
        passed = ", ".join(first.names) or "nothing"
        more = len(finding.calls) - 1
        others = f" and {more} more call{'s' * (more != 1)}" if more else ""
        verb = "render" if more else "renders"
        hint = suggest(name, {*first.names, *self._known})
        if not hint and len(event.value) == 3:
            hint = f"A block does not see the names of a loop: write scoped in {event.value[2]}."
        message = f"{name!r} is undefined: {first.place}{others} {verb} this with {passed}."
        return Problem("views.missing-name", self._shown(template), line, message, hint)

    def _place_of(self, name: str, event: Event) -> tuple[str, int]:
        """Where the name is written; a macro that it is handed to is not to blame."""
        written = self._unit.mentions.get(name, {})
        place = (event.template, event.line)
        return place if place in written or not written else next(iter(written))

    def _file(self, event: Event) -> str:
        return self._shown(event.template)

    def _shown(self, template: str) -> str:
        found = self._store.get(template)
        return found.file if found is not None else template


def unused_names(unit: Unit, calls: Iterable[RenderCall]) -> Iterator[Problem]:
    """Notes on names that a call passes and that no template reads."""
    if unit.silent:
        return
    for call in calls:
        for name in call.names:
            if name not in unit.mentions and call.template is not None:
                message = f"{call.template} does not use {name!r}."
                yield Problem("views.unused-name", call.file, call.line, message, severity="note")
