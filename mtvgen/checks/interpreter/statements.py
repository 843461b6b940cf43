"""Statements of a template, walked in the order in which Jinja2 runs them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from jinja2 import nodes

from mtvgen.checks.interpreter.expressions import Expressions
from mtvgen.checks.interpreter.macros import Macro
from mtvgen.checks.interpreter.recording import Slot
from mtvgen.checks.interpreter.scopes import Scope, TemplateContext
from mtvgen.checks.interpreter.values import TRUE, UNKNOWN, Value, constant


class Statements(Expressions):
    """Walks the statements that stay within a template."""

    def walk(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        """Run some statements."""
        for node in body:
            statement = self.statements.get(type(node))
            if statement is not None:
                statement(self, node, scope)

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        origin = scope.origin
        if scope.checked and origin.certain:
            return
        with self.under_all(_not_extended(scope)):
            for child in node.nodes:
                if type(child) is not nodes.TemplateData:
                    self.evaluate_used(child, scope)

    def _if(self, node: nodes.If, scope: Scope) -> None:
        branches = [(node.test, node.body), *((elif_.test, elif_.body) for elif_ in node.elif_)]
        self._branch(branches, node.else_, scope)

    def _branch(self, branches: list[Any], otherwise: list[nodes.Node], scope: Scope) -> None:
        if not branches:
            self.walk(otherwise, scope)
            return
        (test_node, body), *rest = branches
        test = self.evaluate_used(test_node, scope)
        before = scope.save()
        with self.under(test, True) as reachable:
            if reachable:
                self.walk(body, scope)
        if not reachable:
            self._branch(rest, otherwise, scope)
            return
        then = scope.save()
        with self.under(test, False) as reachable:
            if reachable:
                scope.restore(before)
                self._branch(rest, otherwise, scope)
        if reachable:
            line, context = test_node.lineno, before[1]
            scope.merge(test, then, lambda name: self._unset(name, line, scope, context))

    def _unset(self, name: str, line: int, scope: Scope, context: TemplateContext) -> Value:
        """What a name is where a branch has not set it."""
        value = scope.parent.find(name) if scope.parent is not None else None
        return value or context.get(name) or self.from_outside(name, line, scope)

    def _for(self, node: nodes.For, scope: Scope) -> None:
        source = self.evaluate_used(node.iter, scope)
        inner = Scope(scope.origin, scope, (id(node), "body"), checked=scope.checked)
        self._bind_target(node.target, element_of(source, node), inner)
        some: Value = ("some", source) if source[0] in ("lazy", "aslist") else source
        test = TRUE
        if node.test is not None:
            test_scope = Scope(scope.origin, scope, (id(node), "test"))
            test_scope.names.update(inner.names)
            with self.under(some, True) as reachable:
                test = self.evaluate_used(node.test, test_scope) if reachable else TRUE
        with self.under(some, True) as some_reachable, self.under(test, True) as reachable:
            if some_reachable and reachable:
                self._loop_body(node, inner)
        # That one element passes the test says nothing about the others. For elements written here
        # it could be worked out, but nobody writes such a loop to have it skipped.
        rest = some if node.test is None else ("some", source, id(node))
        rest = ("text", id(node)) if node.test is not None and source[0] == "list" else rest
        with self.under(rest, False) as reachable:
            if reachable and node.else_:
                branch = Scope(scope.origin, scope, (id(node), "else"), checked=scope.checked)
                self.walk(node.else_, branch)

    def _loop_body(self, node: nodes.For, inner: Scope) -> None:
        tree = inner.origin.template.tree
        if tree is not None and "loop" in tree.specials.get(id(node), ()):
            inner.bind("loop", ("loop", id(node)))
        self.walk(node.body, inner)

    def _bind_target(self, target: nodes.Node, value: Value, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.bind(target.name, value)
        elif isinstance(target, nodes.Tuple):
            for index, item in enumerate(target.items):
                self._bind_target(item, item_of(value, index), scope)

    def _assign_to(self, target: nodes.Node, value: Value, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope.store(target.name, value)
        elif isinstance(target, nodes.Tuple):
            self.use(value, target, scope)
            for index, item in enumerate(target.items):
                self._assign_to(item, item_of(value, index), scope)
        elif isinstance(target, nodes.NSRef):
            self.use(self.look_up(target.name, target.lineno, scope), target, scope)

    def _assign(self, node: nodes.Assign, scope: Scope) -> None:
        self._assign_to(node.target, self.evaluate(node.node, scope), scope)

    def _assign_block(self, node: nodes.AssignBlock, scope: Scope) -> None:
        inner = Scope(scope.origin, scope, (id(node), ""))
        self.walk(node.body, inner)
        if node.filter is not None:
            self.evaluate(node.filter, inner)
        kinds: Any = (nodes.Output, nodes.Include, nodes.CallBlock)
        shows = node.find(kinds) is not None
        self._assign_to(node.target, ("text", id(node)) if shows else constant(""), scope)

    def _with(self, node: nodes.With, scope: Scope) -> None:
        inner = Scope(scope.origin, scope, (id(node), ""), checked=scope.checked)
        for target, expression in zip(node.targets, node.values, strict=True):
            self._bind_target(target, self.evaluate(expression, scope), inner)
        self.walk(node.body, inner)

    def _scope(self, node: nodes.Scope, scope: Scope) -> None:
        self.walk(node.body, Scope(scope.origin, scope, (id(node), ""), checked=scope.checked))

    def _modifier(self, node: nodes.ScopedEvalContextModifier, scope: Scope) -> None:
        for keyword in node.options:
            self.evaluate(keyword.value, scope)
        self.walk(node.body, scope)

    def _filter_block(self, node: nodes.FilterBlock, scope: Scope) -> None:
        inner = Scope(scope.origin, scope, (id(node), ""), checked=scope.checked)
        self.walk(node.body, inner)
        self.evaluate(node.filter, inner)

    def _expression(self, node: nodes.ExprStmt, scope: Scope) -> None:
        self.evaluate(node.node, scope)

    def _macro(self, node: nodes.Macro, scope: Scope) -> None:
        scope.store(node.name, ("macro", Macro(node, scope)))

    def _call_block(self, node: nodes.CallBlock, scope: Scope) -> None:
        caller = Macro(node, scope)
        callee = self.evaluate(node.call.node, scope)
        self.use(self.call(callee, node.call, scope, caller), node, scope)

    def _block(self, node: nodes.Block, scope: Scope) -> None:
        if scope.top and scope.origin.certain:
            return
        context, template = scope.origin.context, scope.origin.template
        if node.scoped:
            context = TemplateContext({**context.everything(), **scope.locals()}, view=context.view)
        else:
            names = scope.locals()
            hidden = {name: template.file for name in names if context.get(name) is None}
            context = context.copy()
            context.hidden = hidden
        with self.under_all(_not_extended(scope) if scope.top else ()):
            place = (template.name, node.lineno, self.conditions)
            self.result.slots.append(Slot(node.name, context, *place, node.required, by_self=False))

    statements: ClassVar[dict[type, Any]] = {
        nodes.Output: _output,
        nodes.If: _if,
        nodes.For: _for,
        nodes.Assign: _assign,
        nodes.AssignBlock: _assign_block,
        nodes.With: _with,
        nodes.Scope: _scope,
        nodes.ScopedEvalContextModifier: _modifier,
        nodes.FilterBlock: _filter_block,
        nodes.ExprStmt: _expression,
        nodes.Macro: _macro,
        nodes.CallBlock: _call_block,
        nodes.Block: _block,
    }


def element_of(source: Value, node: nodes.Node) -> Value:
    """What a loop over a value gives, one at a time."""
    if source[0] == "list":
        items = source[1]
        value: Value = items[0] if items else UNKNOWN
        for index, item in enumerate(items[1:]):
            value = ("either", ("turn", id(node), index), item, value) if item != value else value
        return value if len(items) <= 6 else ("elem", source)
    if source[0] == "const":
        return ("elem", constant(source[1]))
    return ("elem", source)


def item_of(value: Value, index: int) -> Value:
    """What unpacking a value gives at one place."""
    if value[0] == "list" and index < len(value[1]):
        item: Value = value[1][index]
        return item
    return ("item", value, constant(index))


def _not_extended(scope: Scope) -> Any:
    """The conditions that no `extends` in an `if` was reached before."""
    if not scope.checked:
        return ()
    return tuple((test, False) for test in scope.origin.extended)
