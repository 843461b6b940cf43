"""Calls in a template: macros and what their arguments hold, caller(), super(), self.block()."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

from mtvgen.checks.interpreter.expressions import KEEPERS
from mtvgen.checks.interpreter.macro_arguments import bind_arguments
from mtvgen.checks.interpreter.recording import Slot, Unit
from mtvgen.checks.interpreter.scopes import Ctx, Frame, Macro, Origin
from mtvgen.checks.interpreter.statements import Statements
from mtvgen.checks.interpreter.values import UNKNOWN, Value
from mtvgen.checks.templates.store import Template

BlockChain = tuple[tuple[Template, nodes.Block], ...]


class Calling(Statements):
    """Walks what is called, with the values of its arguments."""

    def __init__(
        self, known: frozenset[str], filters: frozenset[str] | None, tests: frozenset[str] | None
    ) -> None:
        super().__init__(known, filters, tests)
        # What is being walked, outermost first: nothing is walked inside itself.
        self.walking: list[Value] = []
        self._macros: dict[Value, Unit] = {}

    def record(self, key: Value, walk: Callable[[], Any]) -> Unit:
        """Walk something under no conditions but its own; `key` names it while it is walked."""
        outer = (self.unit, self.conditions, self.softly, self._macros)
        self.unit, self.conditions, self.softly, self._macros = Unit(), (), False, {}
        self.walking.append(key)
        try:
            walk()
            return self.unit
        finally:
            self.walking.pop()
            self.unit, self.conditions, self.softly, self._macros = outer

    def call(self, callee: Value, node: nodes.Call, frame: Frame, caller: Macro | None) -> Value:
        """What calling a macro, a block or something unknown gives."""
        kind = callee[0]
        if kind == "phi":
            _, test, then, otherwise = callee
            for wanted, side in ((True, then), (False, otherwise)):
                with self.under(test, wanted) as reachable:
                    if reachable:
                        self.call(side, node, frame, caller)
            return ("call", callee)
        if kind == "macro":
            self._call_macro(callee[1], node, frame, caller)
            return ("text", id(node))
        if kind == "super":
            self._call_super(node, frame)
            return ("text", id(node))
        if kind == "selfblock":
            ctx, template = frame.origin.ctx, frame.origin.template.name
            place = (node.lineno, self.conditions, False, True)
            self.unit.slots.append(Slot(callee[1], ctx.copy(), template, *place))
            return ("text", id(node))
        return self._call_unknown(callee, node, frame, caller)

    def _call_unknown(
        self, callee: Value, node: nodes.Call, frame: Frame, caller: Macro | None
    ) -> Value:
        self.use(callee, node.node, frame)
        keeps = callee[0] in ("ctx", "global") and callee[1] in KEEPERS
        keeps = keeps or (callee[0] == "attr" and callee[1][0] == "loop")
        for value, at in self._arguments(node, frame):
            if not keeps:
                self.use(value, at, frame)
        if caller is not None:
            self._walk_macro(caller, {one.name: UNKNOWN for one in caller.node.args})
        return ("call", callee)

    def _call_super(self, node: nodes.Call, frame: Frame) -> None:
        origin = frame.origin
        assert origin.block is not None  # noqa: S101  # look_up() gives super in blocks alone
        name, blocks = origin.block
        if len(blocks) < 2:
            message = f"super(): no parent has block {name!r}."
            self.fault("super-without-parent", message, "", frame, node.lineno)
            return
        self.walk_block(name, blocks[1:], origin.ctx)

    def _call_macro(
        self, macro: Macro, node: nodes.Call, frame: Frame, caller: Macro | None
    ) -> None:
        given = [self.evaluate(argument, frame) for argument in node.args]
        named = {one.key: self.evaluate(one.value, frame) for one in node.kwargs}
        dynamic = [one for one in (node.dyn_args, node.dyn_kwargs) if one is not None]
        for one in dynamic:
            self.evaluate_used(one, frame)
        if caller is not None:
            named["caller"] = ("macro", caller)
        place = (frame.origin.template.name, node.lineno)
        bound, faults = bind_arguments(macro, given, named, bool(dynamic), place)
        for kind, message, hint in faults:
            self.fault(kind, message, hint, frame, node.lineno)
        if not faults:
            self._walk_macro(macro, bound)

    def _walk_macro(self, macro: Macro, bound: dict[str, Value]) -> None:
        """Walk a macro's body with the values of its arguments."""
        if any(one[:2] == ("macro", macro.identity) for one in self.walking):
            self.unit.whole = False
            return
        key = ("macro", macro.identity, macro.frame.state(), tuple(bound.items()))
        unit = self._macros.get(key)
        if unit is None:
            memo = self._macros
            unit = self.record(key, lambda: self._walk_macro_body(macro, bound, memo))
            self._macros[key] = unit
        self.absorb(unit)
        for slot in unit.slots:
            conditions = (*self.conditions, *slot.conditions)
            self.unit.slots.append(slot._replace(conditions=conditions))

    def _walk_macro_body(
        self, macro: Macro, bound: dict[str, Value], memo: dict[Value, Unit]
    ) -> None:
        self._macros = memo
        node = macro.node
        inner = Frame(macro.frame.origin, macro.frame, (id(node), ""))
        inner.names.update(bound)
        inner.names["(macro)"] = UNKNOWN
        first_default = len(node.args) - len(node.defaults)
        for index, argument in enumerate(node.args):
            if argument.name not in bound:
                default = node.defaults[index - first_default]
                inner.bind(argument.name, self.evaluate(default, inner))
        self.walk(node.body, inner)

    def walk_block(self, name: str, blocks: BlockChain, ctx: Ctx) -> None:
        """The first of some blocks of one name; the others are for super()."""
        template, node = blocks[0]
        self.unit.sources[template.name] = template.stamp
        origin = Origin(template, ctx, (name, blocks))
        self.walk(node.body, Frame(origin, None, (id(node), "")))
