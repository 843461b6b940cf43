"""Calls in a template: macros and what their arguments hold, caller(), super(), self.block()."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

from mtvgen.checks.interpreter.expressions import KEEPERS
from mtvgen.checks.interpreter.inclusion import Inclusion
from mtvgen.checks.interpreter.macro_arguments import bind_arguments
from mtvgen.checks.interpreter.macros import Macro
from mtvgen.checks.interpreter.recording import Slot, WalkResult
from mtvgen.checks.interpreter.scopes import Origin, Scope, TemplateContext
from mtvgen.checks.interpreter.values import UNKNOWN, Value
from mtvgen.checks.templates.store import Template

BlockChain = tuple[tuple[Template, nodes.Block], ...]


class Calling(Inclusion):
    """Walks what is called, with the values of its arguments."""

    def __init__(
        self, known: frozenset[str], filters: frozenset[str] | None, tests: frozenset[str] | None
    ) -> None:
        super().__init__(known, filters, tests)
        # What is being walked, outermost first: nothing is walked inside itself.
        self.walking: list[Value] = []
        self._macros: dict[Value, WalkResult] = {}

    def record(self, key: Value, walk: Callable[[], Any]) -> WalkResult:
        """Walk something under no conditions but its own; `key` names it while it is walked."""
        outer = (self.result, self.conditions, self.is_maybe_set, self._macros)
        self.result, self.conditions, self.is_maybe_set, self._macros = WalkResult(), (), False, {}
        self.walking.append(key)
        try:
            walk()
            return self.result
        finally:
            self.walking.pop()
            self.result, self.conditions, self.is_maybe_set, self._macros = outer

    def call(self, callee: Value, node: nodes.Call, scope: Scope, caller: Macro | None) -> Value:
        """What calling a macro, a block or something unknown gives."""
        kind = callee[0]
        if kind == "either":
            _, test, then, otherwise = callee
            for wanted, side in ((True, then), (False, otherwise)):
                with self.under(test, wanted) as reachable:
                    if reachable:
                        self.call(side, node, scope, caller)
            return ("call", callee)
        if kind == "macro":
            self._call_macro(callee[1], node, scope, caller)
            return ("text", id(node))
        if kind == "super":
            self._call_super(node, scope)
            return ("text", id(node))
        if kind == "selfblock":
            context, template = scope.origin.context, scope.origin.template.name
            place = (template, node.lineno, self.conditions)
            slot = Slot(callee[1], context.copy(), *place, required=False, by_self=True)
            self.result.slots.append(slot)
            return ("text", id(node))
        return self._call_unknown(callee, node, scope, caller)

    def _call_unknown(
        self, callee: Value, node: nodes.Call, scope: Scope, caller: Macro | None
    ) -> Value:
        self.use(callee, node.node, scope)
        keeps = callee[0] in ("context", "global") and callee[1] in KEEPERS
        keeps = keeps or (callee[0] == "attr" and callee[1][0] == "loop")
        for value, argument in self.arguments(node, scope):
            if not keeps:
                self.use(value, argument, scope)
        if caller is not None:
            unknown = {parameter.name: UNKNOWN for parameter in caller.node.args}
            self._walk_macro(caller, unknown)
        return ("call", callee)

    def _call_super(self, node: nodes.Call, scope: Scope) -> None:
        origin = scope.origin
        assert origin.block is not None  # noqa: S101  # look_up() gives super in blocks alone
        name, blocks = origin.block
        if len(blocks) < 2:
            message = f"super(): no parent has block {name!r}."
            self.fault("super-without-parent", message, "", scope, node.lineno)
            return
        self.walk_block(name, blocks[1:], origin.context)

    def _call_macro(
        self, macro: Macro, node: nodes.Call, scope: Scope, caller: Macro | None
    ) -> None:
        given = [self.evaluate(argument, scope) for argument in node.args]
        named = {keyword.key: self.evaluate(keyword.value, scope) for keyword in node.kwargs}
        dynamic = [rest for rest in (node.dyn_args, node.dyn_kwargs) if rest is not None]
        for rest in dynamic:
            self.evaluate_used(rest, scope)
        if caller is not None:
            named["caller"] = ("macro", caller)
        place = (scope.origin.template.name, node.lineno)
        bound, faults = bind_arguments(macro, given, named, bool(dynamic), place)
        for kind, message, hint in faults:
            self.fault(kind, message, hint, scope, node.lineno)
        if not faults:
            self._walk_macro(macro, bound)

    def _walk_macro(self, macro: Macro, bound: dict[str, Value]) -> None:
        """Walk a macro's body with the values of its arguments."""
        if any(key[:2] == ("macro", macro.identity) for key in self.walking):
            self.result.whole = False
            return
        key = ("macro", macro.identity, macro.scope.state(), tuple(bound.items()))
        result = self._macros.get(key)
        if result is None:
            walked = self._macros
            result = self.record(key, lambda: self._walk_macro_body(macro, bound, walked))
            self._macros[key] = result
        self.absorb(result)
        for slot in result.slots:
            conditions = (*self.conditions, *slot.conditions)
            self.result.slots.append(slot._replace(conditions=conditions))

    def _walk_macro_body(
        self, macro: Macro, bound: dict[str, Value], walked: dict[Value, WalkResult]
    ) -> None:
        self._macros = walked
        node = macro.node
        inner = Scope(macro.scope.origin, macro.scope, (id(node), ""))
        inner.names.update(bound)
        inner.names["(macro)"] = UNKNOWN
        first_default = len(node.args) - len(node.defaults)
        for index, argument in enumerate(node.args):
            if argument.name not in bound:
                default = node.defaults[index - first_default]
                inner.bind(argument.name, self.evaluate(default, inner))
        self.walk(node.body, inner)

    def walk_block(self, name: str, blocks: BlockChain, context: TemplateContext) -> None:
        """The first of some blocks of one name; the others are for super()."""
        template, node = blocks[0]
        self.result.sources[template.name] = template.stamp
        origin = Origin(template, context, (name, blocks))
        self.walk(node.body, Scope(origin, None, (id(node), "")))
