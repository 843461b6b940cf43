"""Names and attributes in a template: where their values come from, and that they are used.

Copying an undefined value raises nothing. It has to be there where it is used: printed, looped
over, compared or asked for an attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

from jinja2 import nodes
from jinja2.runtime import LoopContext
from jinja2.runtime import Undefined as JinjaUndefined

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.conditions import choose
from mtvgen.checks.interpreter.findings import NoMember, SuperMisused, Uncalled
from mtvgen.checks.interpreter.macros import TemplateModule
from mtvgen.checks.interpreter.recording import Recorder
from mtvgen.checks.interpreter.scopes import Scope
from mtvgen.checks.interpreter.values import UNKNOWN, Reason, Value

# What `loop` has; some of it only when it has begun.
_LOOP = LoopContext((), JinjaUndefined)
LOOP_MEMBERS = tuple(name for name in dir(_LOOP) if not name.startswith("_"))


class Lookup:
    """Looks names and attributes up, and notes what is used.

    Args:
        recorder: Where it is noted.
        known: The names that every template has.
    """

    def __init__(self, recorder: Recorder, known: frozenset[str]) -> None:
        self.recorder = recorder
        self.known = known

    def name(self, name: str, node: nodes.Node, scope: Scope) -> Value:
        """Return the value of a name, with Jinja2's rules of scope."""
        value = (
            scope.find(name)
            or _special(name, scope)
            or scope.origin.context.get(name)
            or self.from_outside(name, node, scope)
        )
        if isinstance(value, values.Undefined):
            self.recorder.result.mentions.add(name)
            if value.name == name and not scope.is_bound_by_macro(name):
                self.recorder.note_written(value, scope.position_of(node))
        if name in self._mention(value) and not scope.is_bound_by_macro(name):
            self.recorder.note_written(_passed(name), scope.position_of(node))
        return value

    def from_outside(self, name: str, node: nodes.Node, scope: Scope) -> Value:
        """Return the value of a name that no template has set."""
        context = scope.origin.context
        if context.view:
            return _passed(name, context.hidden.get(name, ""))
        if name in self.known:
            return values.Global(name)
        return values.Undefined(Reason.NO_CONTEXT, name, scope.position_of(node))

    def _mention(self, value: Value) -> Sequence[str]:
        """Count what is read as used, wherever it is handed on to.

        Returns the view's names.
        """
        if isinstance(value, values.Passed):
            self.recorder.result.mentions.add(value.name)
            return (value.name,)
        if isinstance(value, values.Either):
            return (*self._mention(value.then), *self._mention(value.otherwise))
        return self._mention(value.value) if isinstance(value, values.MaybeSet) else ()

    def attribute(self, base: Value, name: str, node: nodes.Node, scope: Scope) -> Value:
        """`base.name`, as Jinja2 looks it up."""
        match base:
            case TemplateModule():
                return base.get(name, scope.position_of(node), Reason.MODULE)
            case values.TemplateReference():
                return values.SelfBlock(name)
            case values.Opaque():
                return UNKNOWN
            case values.LoopVariable() if name not in LOOP_MEMBERS:
                fault = NoMember("loop", name, LOOP_MEMBERS)
                self.recorder.note(fault, scope.position_of(node))
                return UNKNOWN
            case values.MaybeSet(value):
                with self.recorder.as_maybe_set():
                    return values.MaybeSet(self.attribute(value, name, node, scope))
            case values.Either():
                sides = self.recorder.on_both_sides(
                    base, lambda side: self.attribute(side, name, node, scope), UNKNOWN
                )
                return choose(base.test, *sides)
            case values.Passed() | values.Existing() | values.Uncertain():
                pass
            case values.Lazy() | values.Undefined():
                pass
            case _:
                assert_never(base)
        self.use(base, node, scope)
        attribute = values.Attribute(base, name)
        self.recorder.note_written(attribute, scope.position_of(node))
        return attribute

    def need(self, value: Value, node: nodes.Node, scope: Scope) -> None:
        """Note that what a value is matters here: a method is not what anybody wants."""
        match value:
            case values.Attribute():
                self.recorder.note(Uncalled(value), scope.position_of(node))
            case values.ParentBlock():
                self.recorder.note(SuperMisused(), scope.position_of(node))
            case values.Either():
                self.recorder.on_both_sides(value, lambda side: self.need(side, node, scope), None)
            case values.Passed() | values.Undefined() | values.Lazy() | values.MaybeSet():
                pass
            case values.Existing() | values.Uncertain():
                pass
            case _:
                assert_never(value)

    def use(self, value: Value, node: nodes.Node, scope: Scope) -> None:
        """Note that a value is needed here, so that it has to be there."""
        match value:
            case values.Existing():
                pass
            case values.Passed() | values.Attribute() | values.Undefined():
                self.recorder.note(value, scope.position_of(node))
            case values.Uncertain():
                pass
            case values.Lazy(source):
                self.use(source, node, scope)
            case values.MaybeSet(inner):
                with self.recorder.as_maybe_set():
                    self.use(inner, node, scope)
            case values.Either():
                self.recorder.on_both_sides(value, lambda side: self.use(side, node, scope), None)
            case _:
                assert_never(value)


# The same names are met again and again: it saves a third of a walk's new objects.
@lru_cache
def _passed(name: str, hidden_by: str = "") -> values.Passed:
    return values.Passed(name, hidden_by)


def _special(name: str, scope: Scope) -> Value | None:
    if name == "self":
        return values.TemplateReference()
    return values.ParentBlock() if name == "super" and scope.origin.block is not None else None
