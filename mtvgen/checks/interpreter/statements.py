"""Statements of a template, walked in the order in which Jinja2 runs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jinja2 import nodes

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.conditions import constant
from mtvgen.checks.interpreter.macros import Macro
from mtvgen.checks.interpreter.recording import Slot
from mtvgen.checks.interpreter.scopes import Scope, TemplateContext
from mtvgen.checks.interpreter.values import TRUE, UNKNOWN, Conditions, Value

if TYPE_CHECKING:
    from mtvgen.checks.interpreter.interpreter import Interpreter

Branch = tuple[nodes.Node, list[nodes.Node]]


class Statements:
    """Walks statements."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.recorder = interpreter.recorder
        self.lookup = interpreter.lookup
        self.expressions = interpreter.expressions
        self.calls = interpreter.calls
        self.inclusion = interpreter.inclusion

    def walk(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        """Run some statements."""
        for node in body:
            self._walk(node, scope)

    def _walk(self, node: nodes.Node, scope: Scope) -> None:
        evaluate = self.expressions.evaluate
        match node:
            case nodes.Output():
                self._output(node, scope)
            case nodes.If():
                elifs: list[Branch] = [(elif_.test, elif_.body) for elif_ in node.elif_]
                self._branch([(node.test, node.body), *elifs], node.else_, scope)
            case nodes.For():
                self._for(node, scope)
            case nodes.Macro():
                scope.store(node.name, Macro(node, scope))
            case nodes.CallBlock():
                callee, caller = evaluate(node.call.node, scope), Macro(node, scope)
                self.lookup.use(self.calls.call(callee, node.call, scope, caller), node, scope)
            case nodes.Block():
                self._block(node, scope)
            case nodes.Extends():
                self.inclusion.extends(node, scope)
            case nodes.Include():
                self.inclusion.include(node, scope)
            case nodes.Import() | nodes.FromImport():
                self.inclusion.import_(node, scope)
            case nodes.Assign():
                value = evaluate(node.node, scope)
                if not _is_called(node.target, scope):
                    self.lookup.need(value, node.node, scope)
                self._assign_to(node.target, value, scope)
            case nodes.AssignBlock():
                self._assign_block(node, scope)
            case nodes.With():
                inner = _inside(node, scope)
                for target, expression in zip(node.targets, node.values, strict=True):
                    self._bind_target(target, evaluate(expression, scope), inner)
                self.walk(node.body, inner)
            case nodes.ScopedEvalContextModifier():
                for keyword in node.options:
                    evaluate(keyword.value, scope)
                self.walk(node.body, scope)
            case nodes.Scope():
                self.walk(node.body, _inside(node, scope))
            case nodes.FilterBlock():
                inner = _inside(node, scope)
                self.walk(node.body, inner)
                evaluate(node.filter, inner)
            case nodes.ExprStmt():
                evaluate(node.node, scope)

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        if scope.checked and scope.origin.certain:
            return
        with self.recorder.under_all(_not_extended(scope)):
            for child in node.nodes:
                if type(child) is not nodes.TemplateData:
                    self.expressions.evaluate_used(child, scope)

    def _branch(
        self, branches: Sequence[Branch], otherwise: list[nodes.Node], scope: Scope
    ) -> None:
        if not branches:
            self.walk(otherwise, scope)
            return
        (test_node, body), *rest = branches
        test = self.expressions.evaluate_used(test_node, scope)
        before = scope.save()
        with self.recorder.under(test, True) as reachable:
            if reachable:
                self.walk(body, scope)
        if not reachable:
            self._branch(rest, otherwise, scope)
            return
        then = scope.save()
        with self.recorder.under(test, False) as reachable:
            if reachable:
                scope.restore(before)
                self._branch(rest, otherwise, scope)
        if reachable:
            context = before[1]
            scope.merge(test, then, lambda name: self._unset(name, test_node, scope, context))

    def _unset(self, name: str, node: nodes.Node, scope: Scope, context: TemplateContext) -> Value:
        """Return what a name is where a branch has not set it."""
        value = scope.parent.find(name) if scope.parent is not None else None
        if value is None:
            value = context.get(name)
        return value or self.lookup.from_outside(name, node, scope)

    def _for(self, node: nodes.For, scope: Scope) -> None:
        source = self.expressions.evaluate_used(node.iter, scope)
        inner = _inside(node, scope, "body")
        self._bind_target(node.target, _element_of(source, node), inner)
        some = (
            values.HasElements(source)
            if isinstance(source, values.Lazy | values.SameElements)
            else source
        )
        test: Value = TRUE
        if node.test is not None:
            test_scope = Scope(scope.origin, scope, (id(node), "test"))
            test_scope.names.update(inner.names)
            with self.recorder.under(some, True) as reachable:
                if reachable:
                    test = self.expressions.evaluate_used(node.test, test_scope)
        under = self.recorder.under
        with under(some, True) as some_reachable, under(test, True) as reachable:
            if some_reachable and reachable:
                self._loop_body(node, inner)
        with self.recorder.under(_has_turns(source, some, node), False) as reachable:
            if reachable and node.else_:
                self.walk(node.else_, _inside(node, scope, "else"))

    def _loop_body(self, node: nodes.For, inner: Scope) -> None:
        tree = inner.origin.template.tree
        if tree is not None and "loop" in tree.specials.get(id(node), ()):
            inner.bind("loop", values.LoopVariable(id(node)))
        self.walk(node.body, inner)

    def _bind_target(self, target: nodes.Node, value: Value, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.bind(target.name, value)
        elif isinstance(target, nodes.Tuple):
            for index, item in enumerate(target.items):
                self._bind_target(item, _item_of(value, index), scope)

    def _assign_to(self, target: nodes.Node, value: Value, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.store(target.name, value)
        elif isinstance(target, nodes.Tuple):
            self.lookup.use(value, target, scope)
            for index, item in enumerate(target.items):
                self._assign_to(item, _item_of(value, index), scope)
        elif isinstance(target, nodes.NSRef):
            namespace = self.lookup.name(target.name, target, scope)
            self.lookup.use(namespace, target, scope)

    def _assign_block(self, node: nodes.AssignBlock, scope: Scope) -> None:
        inner = Scope(scope.origin, scope, (id(node), ""))
        self.walk(node.body, inner)
        if node.filter is not None:
            self.expressions.evaluate(node.filter, inner)
        showing = (nodes.Output, nodes.Include, nodes.CallBlock)
        shows = any(node.find_all(showing))
        self._assign_to(node.target, values.Text(id(node)) if shows else constant(""), scope)

    def _block(self, node: nodes.Block, scope: Scope) -> None:
        if scope.top and scope.origin.certain:
            return
        if node.scoped:
            context = scope.handed_on()
        else:
            outside = scope.origin.context
            file = scope.origin.template.file
            context = outside.copy()
            context.hidden = {name: file for name in scope.locals() if outside.get(name) is None}
        with self.recorder.under_all(_not_extended(scope) if scope.top else ()):
            conditions = self.recorder.conditions
            slot = Slot(node.name, context, scope.position_of(node), conditions, node.required)
            self.recorder.result.slots.append(slot)


def _is_called(target: nodes.Node, scope: Scope) -> bool:
    """Return whether a template calls what it sets by this name, or may hand it to what does."""
    tree = scope.origin.template.tree
    if tree is None or not isinstance(target, nodes.Name):
        return True
    calls: Iterable[nodes.Call] = tree.all(nodes.Call)
    return any(name.name == target.name for call in calls for name in call.find_all(nodes.Name))


def _inside(node: nodes.Node, scope: Scope, branch: str = "") -> Scope:
    """Return a scope whose output is dropped where that of the one around it is."""
    return Scope(scope.origin, scope, (id(node), branch), checked=scope.checked)


def _element_of(source: Value, node: nodes.For) -> Value:
    """Return what a loop over a value gives, one at a time."""
    if not isinstance(source, values.ListLiteral) or len(source.items) > 6:
        return values.Element(source)
    value = source.items[0] if source.items else UNKNOWN
    for index, item in enumerate(source.items[1:]):
        value = (
            values.Either(values.IsTurn(id(node), index), item, value) if item != value else value
        )
    return value


def _item_of(value: Value, index: int) -> Value:
    """Return what unpacking a value gives at one place."""
    if isinstance(value, values.ListLiteral) and index < len(value.items):
        return value.items[index]
    return values.Item(value, constant(index))


def _has_turns(source: Value, some: Value, node: nodes.For) -> Value:
    """Return whether a loop has a turn at all."""
    if node.test is None:
        return some
    # That one element passes the test says nothing about the others. For elements written here
    # it could be worked out, but nobody writes such a loop to have it skipped.
    return (
        values.Text(id(node))
        if isinstance(source, values.ListLiteral)
        else values.HasElements(source, id(node))
    )


def _not_extended(scope: Scope) -> Conditions:
    """Return the conditions that no `extends` in an `if` was reached before."""
    return tuple((test, False) for test in scope.origin.extended) if scope.checked else ()
