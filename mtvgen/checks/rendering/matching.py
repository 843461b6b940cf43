"""What templates need, put against what each render call passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mtvgen.checks.interpreter.reachability import Known
from mtvgen.checks.interpreter.recording import Event, Unit
from mtvgen.checks.interpreter.values import Value
from mtvgen.checks.python.calls import RenderCall
from mtvgen.checks.rendering.wording import undefined_problem, wrong_problem
from mtvgen.checks.report import Problem, Unchecked, suggest
from mtvgen.checks.templates.store import Store
from mtvgen.runtime.support.suggestions import closest

# Asks what is wrong with an attribute of a value: the sentence and the hint, or None.
AttributeCheck = Callable[[Value, RenderCall], tuple[str, str, str] | None]


@dataclass
class Missing:
    """A name that calls do not pass.

    Attributes:
        name: The name.
        file: The template's file.
        line: Where the name is written, for the first time.
        hint: What to do about it, beside passing it.
        calls: The calls that lack it.
    """

    name: str
    file: str
    line: int
    hint: str
    calls: list[RenderCall] = field(default_factory=list)

    def problem(self, known: frozenset[str]) -> Problem:
        """One line for all calls."""
        ours = [call for call in self.calls if call.line]
        first = min(ours or self.calls, key=lambda call: (call.file, call.line))
        passed = ", ".join(first.names) or "nothing"
        more = len(self.calls) - 1
        others = f" and {more} more call{'s' * (more != 1)}" if more else ""
        verb = "render" if more else "renders"
        message = f"{self.name!r} is undefined: {first.place}{others} {verb} this with {passed}."
        hint = suggest(self.name, {*first.names, *known}) or self.hint
        return Problem("views.missing-name", self.file, self.line, message, hint)


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
        self.missing: dict[tuple[str, str], Missing] = {}
        self.unchecked: list[Unchecked] = []

    def _facts_of(self, call: RenderCall) -> Known:
        passed = None if call.open else frozenset(call.names) | self._known

        def lacks(value: Value) -> bool:
            return self._attribute(value, call) is not None

        return Known(passed, call.constants, lacks)

    def run(self) -> Join:
        """Find the problems of all calls together."""
        wrong_imports: dict[str, Value] = {}
        for event in self._unit.events:
            if event.kind == "need":
                self._check_need(event)
            elif event.kind == "attr":
                self._check_attribute(event)
            elif event.kind == "silent":
                what, why = event.value
                self.unchecked.append(Unchecked(self._file(event), event.line, what, why))
            elif event.kind == "import":
                wrong_imports[event.value[2]] = event.value
            elif self._is_reached(event):
                self._check_undefined(event)
        self._explain_imports(wrong_imports)
        return self

    def _is_reached(self, event: Event) -> bool:
        if not self._calls:
            # Nobody renders it, so every name may be passed.
            required = event.kind == "fault" and event.value[0] == "required-block"
            return not required and Known(None).reachable(event.conditions, surely=event.soft)
        return any(facts.reachable(event.conditions, surely=event.soft) for _, facts in self._facts)

    def _check_need(self, event: Event) -> None:
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
            template, line = self._place_of(event)
            file = self._shown(template)
            hint = ""
            if len(event.value) == 3:
                hint = (
                    f"A block does not see the names of a loop: write scoped in {event.value[2]}."
                )
            found = self.missing.setdefault((file, name), Missing(name, file, line, hint))
            if call not in found.calls:
                found.calls.append(call)

    def _is_passed_elsewhere(self, name: str) -> bool:
        return any(facts.has(name) for _, facts in self._facts)

    def _check_attribute(self, event: Event) -> None:
        for call, facts in self._facts:
            wrong = self._attribute(event.value, call)
            if wrong is not None and facts.reachable(event.conditions, surely=event.soft):
                kind, message, hint = wrong
                template, line = self._place_of(event)
                self.problems.append(Problem(kind, self._shown(template), line, message, hint))
                return

    def _check_undefined(self, event: Event) -> None:
        if event.kind == "undefined":
            self.problems.append(undefined_problem(event, self._store))
        else:
            self.problems.append(wrong_problem(event, self._store))

    def _explain_imports(self, wrong_imports: dict[str, Value]) -> None:
        """Where an import is misspelt and the right name is used: one line, for the import."""
        for name, value in wrong_imports.items():
            meant = closest(name, {one for _, one in self.missing})
            if meant is not None and meant in value[5].exports:
                event = Event("undefined", value, value[3], value[4])
                self.problems.append(undefined_problem(event, self._store))
                self.missing = {key: one for key, one in self.missing.items() if key[1] != meant}

    def _place_of(self, event: Event) -> tuple[str, int]:
        """Where a value is written; a macro that it is handed to is not to blame."""
        value = event.value[:2] if event.kind == "need" else event.value
        written = self._unit.written.get(value, {})
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
