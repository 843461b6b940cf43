"""The names and attributes that a template needs, against what each render call passes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import assert_never

from jinja2 import nodes

from mtvgen.checks.interpreter.findings import (
    AnyUsage,
    Called,
    Fault,
    LeftAlone,
    Link,
    Quoted,
    RequiredBlock,
    Uncalled,
    URLParameter,
    Usage,
    Use,
    WrongImport,
)
from mtvgen.checks.interpreter.reachability import Reachability
from mtvgen.checks.interpreter.recording import WalkResult
from mtvgen.checks.interpreter.values import Attribute, Passed, Position, Undefined
from mtvgen.checks.places import Place
from mtvgen.checks.rendering.mistakes import AttributeCheck, MissingName, Unguarded, Usages
from mtvgen.checks.rendering.wording import fault_problem, undefined_problem
from mtvgen.checks.rendering.written_values import WrittenValues
from mtvgen.checks.report import Problem, Unchecked, arrow
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.checks.views.calls import RenderCall
from mtvgen.runtime.support.other_frameworks import TEMPLATE_NAMES
from mtvgen.runtime.support.suggestions import closest


class RenderCheck:
    """The problems of one entry: a template, and the render calls that name it.

    Args:
        store: The templates, for their files.
        result: What walking it yielded.
        calls: The calls; none where nothing renders it.
        known: The names that every template has.
        attribute: What is wrong with an attribute, by the types that a call passes.
        usage: The same for other uses of a value.
        unguarded: The same for an attribute of a value that may be None.
        clean: What walking it yielded before, where nothing was wrong with that. An edit of a
            layout leaves most uses of each page what they were.
    """

    def __init__(
        self,
        store: Store,
        result: WalkResult,
        calls: Sequence[RenderCall],
        known: frozenset[str],
        attribute: AttributeCheck,
        usage: Usages | None = None,
        unguarded: Unguarded | None = None,
        clean: WalkResult | None = None,
    ) -> None:
        self._store = store
        self._result = result
        self._calls = calls
        self._known = known
        self._attribute = attribute
        self._usage = usage or (lambda _usage, _call: None)
        self._unguarded = unguarded or (lambda _attribute, _use, _call: None)
        self._clean = clean
        self._reached = [(call, self._reachability(call)) for call in calls]
        self.problems: list[Problem] = []
        self.missing: dict[tuple[str, str], MissingName] = {}
        self.unchecked: list[Unchecked] = []
        # Each url_for() and static() that is walked, and whether a call reaches it.
        self.links: dict[Position, bool] = {}
        # The templates, if anything has a place in one of them.
        self._placed_in: dict[str, Template | None] = {}

    def _reachability(self, call: RenderCall) -> Reachability:
        passed = None if call.open else frozenset(call.names) | self._known
        # Not by way of this check: it is kept, and goes when nothing refers to it any more.
        wrong = self._attribute

        def lacks(attribute: Attribute) -> bool:
            return wrong(attribute, call) is not None

        return Reachability(passed, call.constants, lacks)

    def run(self) -> RenderCheck:
        """Find the problems of all calls together."""
        wrong_imports: dict[str, Undefined] = {}
        for use in self._uses():
            what, position = use.what, use.position
            match what:
                case Passed():
                    self._check_name(what, use)
                case Attribute():
                    self._check_attribute(what, use)
                case Usage():
                    self._check_usage(what, use)
                case Undefined():
                    if self._is_reached(use):
                        read = self._written.meant(what, position)
                        self.problems.append(undefined_problem(what, read, self._store))
                case Fault():
                    if self._is_reached(use):
                        self.problems.append(fault_problem(what, position, self._store))
                case WrongImport(value):
                    wrong_imports[value.name] = value
                case Link():
                    is_reached = not use.conditions or self._is_reached(use)
                    self.links[position] = self.links.get(position, False) or is_reached
                case LeftAlone(sort, why):
                    place = self._store.tokens(position.template).place(position.mark)
                    self.unchecked.append(Unchecked(place, sort, why))
                case _:
                    assert_never(what)
        self._explain_imports(wrong_imports)
        self._clean = None  # or each would keep all before it
        if not self.is_clean:
            self._placed_in = {name: self._store.get(name) for name in self._result.reached}
        return self

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found that has a place."""
        return not (self.problems or self.missing or self.unchecked)

    def renew(self, result: WalkResult) -> None:
        """Go on to the result that takes the place of one of which nothing was wrong."""
        self._clean, self._result, self.links = self._result, result, {}
        self.run()

    def moved(self) -> set[str]:
        """Return the templates in which what was found may have another place by now."""
        placed_in = self._placed_in.items()
        return {name for name, template in placed_in if self._store.get(name) is not template}

    def _uses(self) -> Iterator[Use]:
        """Yield the uses, without those of which it is known that nothing is wrong with them."""
        result, clean = self._result, self._clean
        clean_uses = clean.uses if clean is not None else {}
        is_renewed = clean is not None and result.renews is clean
        if clean is not None and is_renewed and not _depends_on_others(result):
            yield from _renewed_uses(result, clean)
            return
        for use in result.uses:
            depends_on_others = use.maybe_set or isinstance(use.what, Link | WrongImport)
            if depends_on_others or use not in clean_uses:
                yield use

    def _is_reached(self, use: Use) -> bool:
        if not self._calls:
            # Nobody renders it, so every name may be passed.
            is_for_children = isinstance(use.what, RequiredBlock)
            return not is_for_children and Reachability(None).reaches(use)
        return any(reachability.reaches(use) for _, reachability in self._reached)

    def _check_name(self, passed: Passed, use: Use) -> None:
        name = passed.name
        for call, reachability in self._reached:
            if reachability.has(name):
                continue
            if use.maybe_set and not reachability.reaches(use):
                self._note_unset(name, use, reachability)
                continue
            if not reachability.reaches(use):
                continue
            is_certain = reachability.reachable(use.conditions, surely=True)
            if self._is_passed_elsewhere(name) and not is_certain:
                why = "another call passes the name, and an if decides"
                self.unchecked.append(Unchecked(self._place_of(passed, use), "name", why))
                continue
            place = self._place_of(passed, use)
            advice = arrow(TEMPLATE_NAMES.get(name, ""))
            if passed.hidden_by:
                in_file = passed.hidden_by
                advice = f"A block does not see the names of a loop: write scoped in {in_file}."
            missing = MissingName(name, place, advice)
            missing = self.missing.setdefault((place.file, name), missing)
            if call not in missing.calls:
                missing.calls.append(call)

    def _note_unset(self, name: str, use: Use, reachability: Reachability) -> None:
        """Note a name that is set only if some test holds, where nothing repeats that test.

        Several tests in a row may be all that there are, as for the values of a column.
        """
        failed = [truth for _, truth in use.conditions[-2:]]
        is_choice = failed == [False, False] or not failed or failed[-1]
        if is_choice or self._is_passed_elsewhere(name) or not self._is_read_here(name, use):
            return
        if reachability.reachable(use.conditions):
            place = self._place_of(Passed(name), use)
            message = f"{name!r} is set only if a test before holds, and is undefined otherwise."
            advice = f"Set it in the else, too, or write {name}|default(...)."
            self.problems.append(
                Problem("templates.maybe-unset", place, message, advice, severity="note")
            )

    def _is_read_here(self, name: str, use: Use) -> bool:
        """Return whether the template of a use reads a name by itself."""
        tree = getattr(self._store.get(use.position.template), "tree", None)
        nodes_here = tree.all(nodes.Name) if tree is not None else ()
        return any(node.name == name and node.ctx == "load" for node in nodes_here)

    def _is_passed_elsewhere(self, name: str) -> bool:
        return any(reachability.has(name) for _, reachability in self._reached)

    def _check_attribute(self, attribute: Attribute, use: Use) -> None:
        for call, reachability in self._reached:
            wrong = self._attribute(attribute, call) or self._unguarded(attribute, use, call)
            if wrong is not None and reachability.reaches(use):
                self.problems.append(wrong.problem(self._place_of(attribute, use)))
                return

    def _check_usage(self, usage: AnyUsage, use: Use) -> None:
        for call, reachability in self._reached:
            wrong = self._usage(usage, call)
            if wrong is not None and reachability.reaches(use):
                self.problems.append(wrong.problem(self._place_of_usage(usage, use.position)))
                return

    def _place_of_usage(self, usage: AnyUsage, position: Position) -> Place:
        tokens, mark = self._store.tokens(position.template), position.mark
        match usage:
            case Quoted(_, text):
                return tokens.text_from(mark, text)
            case Uncalled(attribute) | Called(attribute, _, _, _):
                return tokens.name_from(mark, attribute.name)
            case URLParameter(_, _, value):
                if isinstance(value, Attribute):
                    return tokens.name_from(mark, value.name)
                return tokens.place(mark)
            case _:
                assert_never(usage)

    def _explain_imports(self, wrong_imports: dict[str, Undefined]) -> None:
        """Report a wrong import whose right name is used in one line, at the import."""
        for name, value in wrong_imports.items():
            usable = {missing_name for _, missing_name in self.missing}.intersection(value.known)
            meant = closest(name, usable) or (min(usable) if len(usable) == 1 else None)
            if meant is not None:
                self.problems.append(undefined_problem(value, value.position, self._store))
                self.missing = {
                    place: missing for place, missing in self.missing.items() if place[1] != meant
                }

    def _place_of(self, value: Passed | Attribute, use: Use) -> Place:
        """Return where a value is written; a macro that it is handed to is not to blame."""
        value = Passed(value.name) if isinstance(value, Passed) else value
        template, mark = self._written.meant(value, use.position)
        tokens = self._store.tokens(template)
        if isinstance(value, Passed):
            return tokens.name_until(mark, value.name)
        return tokens.name_from(mark, value.name)

    @cached_property
    def _written(self) -> WrittenValues:
        return WrittenValues(self._result.written)


def _depends_on_others(result: WalkResult) -> bool:
    return any(part.has_dependent_uses for part in result.parts)


def _renewed_uses(result: WalkResult, clean: WalkResult) -> Iterator[Use]:
    """Yield the links, and the uses of the parts that were walked again, but for known ones."""
    for part, before in zip(result.parts, clean.parts, strict=True):
        yield from part.links
        if part is not before:
            yield from part.uses_beyond(before)


def unused_names(result: WalkResult, calls: Iterable[RenderCall]) -> Iterator[Problem]:
    """Yield notes on names that a call passes and that no template reads."""
    if result.silent:
        return
    for call in calls:
        for name, place in call.keywords.items():
            if name not in result.mentions and call.template is not None:
                message = f"{call.template} does not use {name!r}."
                yield Problem("views.unused-name", place, message, severity="note")
