"""Calls in a template: macros and what their arguments hold, caller(), super(), self.block()."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from jinja2 import nodes

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.findings import (
    Called,
    Link,
    SuperMisused,
    SuperWithoutParent,
    URLParameter,
)
from mtvgen.checks.interpreter.macros import Macro, bind_arguments
from mtvgen.checks.interpreter.recording import MacroBody, Slot
from mtvgen.checks.interpreter.scopes import BlockChain, Origin, Scope, TemplateContext
from mtvgen.checks.interpreter.values import UNKNOWN, Value

if TYPE_CHECKING:
    from mtvgen.checks.interpreter.interpreter import Interpreter

# Callables that keep what they are given without a look at it.
KEEPERS = frozenset({"dict", "namespace", "cycler", "joiner"})


class Calls:
    """Walks what is called, with the values of its arguments."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.recorder = interpreter.recorder
        self.lookup = interpreter.lookup
        self.expressions = interpreter.expressions

    def call(
        self, callee: Value, node: nodes.Call, scope: Scope, caller: Macro | None = None
    ) -> Value:
        """Return what calling a macro, a block or something unknown gives.

        Args:
            callee: What is called.
            node: The call.
            scope: Where it is.
            caller: The body of the call block around it.
        """
        match callee:
            case Macro():
                self._call_macro(callee, node, scope, caller)
                return values.Text(id(node))
            case values.ParentBlock():
                self._call_super(node, scope)
                return values.Text(id(node))
            case values.SelfBlock(name):
                context, conditions = scope.origin.context.copy(), self.recorder.conditions
                slot = Slot(name, context, scope.position_of(node), conditions, by_self=True)
                self.recorder.result.slots.append(slot)
                return values.Text(id(node))
            case values.Either():
                self.recorder.on_both_sides(
                    callee, lambda side: self.call(side, node, scope, caller), UNKNOWN
                )
            case values.Passed() | values.Existing() | values.Uncertain():
                self._call_unknown(callee, node, scope, caller)
            case values.Undefined() | values.Lazy() | values.MaybeSet():
                self._call_unknown(callee, node, scope, caller)
            case _:
                assert_never(callee)
        return values.Returned(callee)

    def _call_unknown(
        self, callee: Value, node: nodes.Call, scope: Scope, caller: Macro | None
    ) -> None:
        self.lookup.use(callee, node.node, scope)
        keeps = _keeps_arguments(callee)
        arguments = self.expressions.arguments(node, scope)
        for value, argument in arguments:
            if not keeps:
                self.lookup.use(value, argument, scope)
        if _makes_address(callee):
            self.recorder.note(Link(), scope.position_of(node))
            self._note_parameters(node, arguments, scope)
        elif isinstance(callee, values.Attribute):
            is_open = node.dyn_args is not None or node.dyn_kwargs is not None
            keywords: list[Any] = [*node.kwargs]
            names = tuple(keyword.key for keyword in keywords)
            called = Called(callee, len(node.args), names, is_open)
            self.recorder.note(called, scope.position_of(node.node))
        if caller is not None:
            unknown = {parameter.name: UNKNOWN for parameter in caller.node.args}
            self._walk_macro(caller, unknown, scope.origin.context)

    def _note_parameters(
        self, node: nodes.Call, arguments: list[tuple[Value, nodes.Node]], scope: Scope
    ) -> None:
        """Note what a url_for() passes for the parameters of a route."""
        route = node.args[0] if len(node.args) == 1 else None
        if not isinstance(route, nodes.Const) or not isinstance(route.value, str):
            return
        for value, argument in arguments:
            if isinstance(argument, nodes.Keyword):
                parameter = URLParameter(route.value, argument.key, value)
                self.recorder.note(parameter, scope.position_of(argument.value))

    def _call_super(self, node: nodes.Call, scope: Scope) -> None:
        origin = scope.origin
        assert origin.block is not None  # noqa: S101  # Lookup gives super in blocks alone
        name, blocks = origin.block
        for argument in node.args:
            self.recorder.note(SuperMisused(), scope.position_of(argument))
        if len(blocks) < 2:
            self.recorder.note(SuperWithoutParent(name), scope.position_of(node))
        else:
            self.walk_block(name, blocks[1:], origin.context)

    def _call_macro(
        self, macro: Macro, node: nodes.Call, scope: Scope, caller: Macro | None
    ) -> None:
        evaluate, position = self.expressions.evaluate, scope.position_of(node)
        given = [evaluate(argument, scope) for argument in node.args]
        named = {keyword.key: evaluate(keyword.value, scope) for keyword in node.kwargs}
        dynamic = [rest for rest in (node.dyn_args, node.dyn_kwargs) if rest is not None]
        for rest in dynamic:
            self.expressions.evaluate_used(rest, scope)
        if caller is not None:
            named["caller"] = caller
        bound, mistake = bind_arguments(macro, given, named, bool(dynamic), position)
        if mistake is not None:
            self.recorder.note(mistake, position)
        else:
            self._walk_macro(macro, bound, scope.origin.context)

    def _walk_macro(self, macro: Macro, bound: dict[str, Value], here: TemplateContext) -> None:
        """Walk a macro's body with the values of its arguments, called in some context."""
        recorder = self.recorder
        walking = (piece.macro for piece in recorder.walking if isinstance(piece, MacroBody))
        if macro in walking:
            recorder.result.whole = False
            return
        context = _context_of(macro, here)
        body = MacroBody(macro, macro.scope.state(), context.key, tuple(bound.items()))
        result = recorder.macro_bodies.get(body)
        if result is None and not recorder.may_walk_nested(macro):
            bound = {name: _without_value(value) for name, value in bound.items()}
            body = MacroBody(macro, macro.scope.state(), context.key, tuple(bound.items()))
            result = recorder.macro_bodies.get(body)
        if result is None:
            result = recorder.record(body, lambda: self._walk_macro_body(macro, bound, context))
            recorder.macro_bodies[body] = result
        recorder.absorb(result)
        for slot in result.slots:
            conditions = (*recorder.conditions, *slot.conditions)
            recorder.result.slots.append(slot._replace(conditions=conditions))

    def _walk_macro_body(
        self, macro: Macro, bound: dict[str, Value], context: TemplateContext
    ) -> None:
        node = macro.node
        origin = replace(macro.scope.origin, context=context)
        inner = Scope(origin, macro.scope, (id(node), ""), in_macro=True)
        inner.names.update(bound)
        first_default = len(node.args) - len(node.defaults)
        for index, argument in enumerate(node.args):
            if argument.name not in bound:
                default = node.defaults[index - first_default]
                inner.bind(argument.name, self.expressions.evaluate(default, inner))
        self.interpreter.statements.walk(node.body, inner)

    def walk_block(self, name: str, blocks: BlockChain, context: TemplateContext) -> None:
        """Walk the first of some blocks of one name; the others are for super()."""
        template, node = blocks[0]
        self.recorder.result.sources[template.name] = template.walked_as
        scope = Scope(Origin(template, context, (name, blocks)), None, (id(node), ""))
        self.interpreter.statements.walk(node.body, scope)


def _without_value(value: Value) -> Value:
    """Return what stands for any value; a macro and what is left out stay what they are."""
    return value if isinstance(value, Macro | values.Undefined) else UNKNOWN


def _context_of(macro: Macro, here: TemplateContext) -> TemplateContext:
    """Return the context in which a macro looks names up that its own template has not set.

    A page and its parents share one, and a macro looks into it when it is called: by then the
    parents have set their names, too.
    """
    own = macro.scope.origin.context
    is_shared = isinstance(macro.node, nodes.Macro) and 0 < own.depth <= here.depth
    return here if is_shared else own


def _makes_address(callee: Value) -> bool:
    """Return whether a value is `url_for`, `static` or `request.url_for`."""
    if isinstance(callee, values.Attribute):
        return callee.name == "url_for" and _is_given(callee.base, "request")
    return _is_given(callee, "url_for") or _is_given(callee, "static")


def _is_given(value: Value, name: str) -> bool:
    """Return whether a value is what every template has by a name."""
    return isinstance(value, values.Passed | values.Global) and value.name == name


def _keeps_arguments(callee: Value) -> bool:
    if isinstance(callee, values.Passed | values.Global):
        return callee.name in KEEPERS
    return isinstance(callee, values.Attribute) and isinstance(callee.base, values.LoopVariable)
