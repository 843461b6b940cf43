"""Statements of a template, walked in the order in which Jinja2 runs them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from jinja2 import nodes

from mtvgen.checks.interpreter.expressions import Expressions
from mtvgen.checks.interpreter.recording import Extends, Slot
from mtvgen.checks.interpreter.scopes import Ctx, Frame, Macro, Module
from mtvgen.checks.interpreter.values import TRUE, UNKNOWN, Value, conjunction, constant
from mtvgen.checks.templates.tree import import_targets


class Statements(Expressions):
    """Walks statements; other templates are up to the walker."""

    @abstractmethod
    def include(self, names: Sequence[str], node: nodes.Include, ctx: Ctx, frame: Frame) -> None:
        """Walk the first of the named templates that exists."""

    @abstractmethod
    def load(self, name: str, node: nodes.Stmt, ctx: Ctx, frame: Frame) -> Module | None:
        """Run a template for an import; None if it can't be known."""

    @abstractmethod
    def computed(self, node: nodes.Stmt, frame: Frame) -> None:
        """Count a template whose name is computed."""

    def walk(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """Run some statements."""
        for node in body:
            statement = self._statements.get(type(node))
            if statement is not None:
                statement(self, node, frame)

    def _output(self, node: nodes.Output, frame: Frame) -> None:
        origin = frame.origin
        if frame.checked and origin.certain:
            return
        with self.under_all(_not_extended(frame)):
            for child in node.nodes:
                if type(child) is not nodes.TemplateData:
                    self.evaluate_used(child, frame)

    def _if(self, node: nodes.If, frame: Frame) -> None:
        branches = [(node.test, node.body), *((one.test, one.body) for one in node.elif_)]
        self._branch(branches, node.else_, frame)

    def _branch(self, branches: list[Any], otherwise: list[nodes.Node], frame: Frame) -> None:
        if not branches:
            self.walk(otherwise, frame)
            return
        (test_node, body), *rest = branches
        test = self.evaluate_used(test_node, frame)
        before = frame.save()
        with self.under(test, True) as reachable:
            if reachable:
                self.walk(body, frame)
        if not reachable:
            self._branch(rest, otherwise, frame)
            return
        then = frame.save()
        with self.under(test, False) as reachable:
            if reachable:
                frame.restore(before)
                self._branch(rest, otherwise, frame)
        if reachable:
            line, ctx = test_node.lineno, before[1]
            frame.merge(test, then, lambda name: self._unset(name, line, frame, ctx))

    def _unset(self, name: str, line: int, frame: Frame, ctx: Ctx) -> Value:
        """What a name is where a branch has not set it."""
        value = frame.parent.find(name) if frame.parent is not None else None
        return value or ctx.get(name) or self._from_outside(name, line, frame)

    def _for(self, node: nodes.For, frame: Frame) -> None:
        source = self.evaluate_used(node.iter, frame)
        inner = Frame(frame.origin, frame, (id(node), "body"), checked=frame.checked)
        self._bind_target(node.target, element_of(source, node), inner)
        some: Value = ("some", source) if source[0] in ("lazy", "aslist") else source
        test = TRUE
        if node.test is not None:
            test_frame = Frame(frame.origin, frame, (id(node), "test"))
            test_frame.names.update(inner.names)
            with self.under(some, True) as reachable:
                test = self.evaluate_used(node.test, test_frame) if reachable else TRUE
        with self.under(some, True) as some_reachable, self.under(test, True) as reachable:
            if some_reachable and reachable:
                self._loop_body(node, inner)
        # That one element passes the test does not tell of the others; of those that are written
        # here it could be told, but nobody writes such a loop to have it skipped.
        rest = some if node.test is None else ("some", source, id(node))
        rest = ("text", id(node)) if node.test is not None and source[0] == "list" else rest
        with self.under(rest, False) as reachable:
            if reachable and node.else_:
                branch = Frame(frame.origin, frame, (id(node), "else"), checked=frame.checked)
                self.walk(node.else_, branch)

    def _loop_body(self, node: nodes.For, inner: Frame) -> None:
        tree = inner.origin.template.tree
        if tree is not None and "loop" in tree.specials.get(id(node), ()):
            inner.bind("loop", ("loop", id(node)))
        self.walk(node.body, inner)

    def _bind_target(self, target: nodes.Node, value: Value, frame: Frame) -> None:
        if isinstance(target, nodes.Name):
            frame.bind(target.name, value)
        elif isinstance(target, nodes.Tuple):
            for index, item in enumerate(target.items):
                self._bind_target(item, item_of(value, index), frame)

    def _assign_to(self, target: nodes.Node, value: Value, frame: Frame) -> None:
        if isinstance(target, nodes.Name):
            frame.store(target.name, value)
        elif isinstance(target, nodes.Tuple):
            self.use(value, target, frame)
            for index, item in enumerate(target.items):
                self._assign_to(item, item_of(value, index), frame)
        elif isinstance(target, nodes.NSRef):
            self.use(self.look_up(target.name, target.lineno, frame), target, frame)

    def _assign(self, node: nodes.Assign, frame: Frame) -> None:
        self._assign_to(node.target, self.evaluate(node.node, frame), frame)

    def _assign_block(self, node: nodes.AssignBlock, frame: Frame) -> None:
        inner = Frame(frame.origin, frame, (id(node), ""))
        self.walk(node.body, inner)
        if node.filter is not None:
            self.evaluate(node.filter, inner)
        kinds: Any = (nodes.Output, nodes.Include, nodes.CallBlock)
        shows = node.find(kinds) is not None
        self._assign_to(node.target, ("text", id(node)) if shows else constant(""), frame)

    def _with(self, node: nodes.With, frame: Frame) -> None:
        inner = Frame(frame.origin, frame, (id(node), ""), checked=frame.checked)
        for target, expression in zip(node.targets, node.values, strict=True):
            self._bind_target(target, self.evaluate(expression, frame), inner)
        self.walk(node.body, inner)

    def _scope(self, node: nodes.Scope, frame: Frame) -> None:
        self.walk(node.body, Frame(frame.origin, frame, (id(node), ""), checked=frame.checked))

    def _modifier(self, node: nodes.ScopedEvalContextModifier, frame: Frame) -> None:
        for keyword in node.options:
            self.evaluate(keyword.value, frame)
        self.walk(node.body, frame)

    def _filter_block(self, node: nodes.FilterBlock, frame: Frame) -> None:
        inner = Frame(frame.origin, frame, (id(node), ""), checked=frame.checked)
        self.walk(node.body, inner)
        self.evaluate(node.filter, inner)

    def _expression(self, node: nodes.ExprStmt, frame: Frame) -> None:
        self.evaluate(node.node, frame)

    def _macro(self, node: nodes.Macro, frame: Frame) -> None:
        frame.store(node.name, ("macro", Macro(node, frame)))

    def _call_block(self, node: nodes.CallBlock, frame: Frame) -> None:
        caller = Macro(node, frame)
        callee = self.evaluate(node.call.node, frame)
        self.use(self.call(callee, node.call, frame, caller), node, frame)

    def _block(self, node: nodes.Block, frame: Frame) -> None:
        if frame.top and frame.origin.certain:
            return
        ctx, hidden = frame.origin.ctx, {}
        if node.scoped:
            ctx = Ctx({**ctx.everything(), **frame.locals()}, view=ctx.view)
        else:
            file = frame.origin.template.file
            hidden = {name: file for name in frame.locals() if ctx.get(name) is None}
            ctx = ctx.copy()
            ctx.hidden = hidden
        with self.under_all(_not_extended(frame) if frame.top else ()):
            name = frame.origin.template.name
            self.unit.slots.append(
                Slot(node.name, ctx, name, node.lineno, self.conditions, node.required, False)
            )

    def _extends(self, node: nodes.Extends, frame: Frame) -> None:
        origin = frame.origin
        if origin.extended:
            with self.under_all(origin.extended[-1][1]):
                self.fault("extends-twice", "", "", frame, node.lineno)
        template = self.evaluate_used(node.template, frame)
        before = len(self.conditions)
        for conditions, name in self._names(template, node, frame):
            with self.under_all(conditions):
                self.unit.extends.append(Extends(name, node.lineno, self.conditions))
        origin.extended.append(conjunction(self.conditions[:before]))
        if not self.conditions:
            origin.certain = self.unit.certain = True

    def _names(self, value: Value, node: nodes.Stmt, frame: Frame) -> list[tuple[Any, str | None]]:
        """The templates that an `extends` or an import may mean, each with its conditions."""
        if value[0] == "phi":
            _, test, then, otherwise = value
            sides = ((True, then), (False, otherwise))
            return [
                ((*conditions, (test, wanted)), name)
                for wanted, side in sides
                for conditions, name in self._names(side, node, frame)
            ]
        if value[0] == "const" and isinstance(value[1], str):
            return [((), value[1])]
        self.computed(node, frame)
        return [((), None)]

    def _include(self, node: nodes.Include, frame: Frame) -> None:
        value = self.evaluate_used(node.template, frame)
        ctx = self._handed_on(frame) if node.with_context else Ctx(view=False)
        if not node.with_context and _in_macro(frame):
            message = "include without context inside a macro shows a generator, not the template."
            self.fault("include-in-macro", message, "", frame, node.lineno)
        for conditions, names in self._alternatives(value):
            with self.under_all(conditions):
                if names is None:
                    self.computed(node, frame)
                else:
                    self.include(names, node, ctx, frame)

    def _alternatives(self, value: Value) -> list[tuple[Any, list[str] | None]]:
        """The lists of names that an `include` may mean."""
        if value[0] == "phi":
            _, test, then, otherwise = value
            return [
                ((*conditions, (test, wanted)), names)
                for wanted, side in ((True, then), (False, otherwise))
                for conditions, names in self._alternatives(side)
            ]
        items = value[1] if value[0] == "list" else (value,)
        if all(item[0] == "const" and isinstance(item[1], str) for item in items):
            return [((), [item[1] for item in items])]
        return [((), None)]

    def _handed_on(self, frame: Frame) -> Ctx:
        ctx = frame.origin.ctx
        # What is set further down is not there yet, which is what find() tells of it.
        return Ctx({**ctx.everything(), **frame.locals()}, view=ctx.view)

    def _import(self, node: Any, frame: Frame) -> None:
        value = self.evaluate_used(node.template, frame)
        found = self._names(value, node, frame)
        module: Module | None = None
        if len(found) == 1 and found[0][1] is not None:
            ctx = self._handed_on(frame) if node.with_context else Ctx(view=False)
            module = self.load(found[0][1], node, ctx, frame)
        if isinstance(node, nodes.Import):
            value = ("module", module) if module is not None else UNKNOWN
            frame.store(node.target, value, export=False)
            return
        importer = frame.origin.template.name
        for given, bound in zip(node.names, import_targets(node), strict=True):
            name = given[0] if isinstance(given, tuple) else given
            value = module.get(name, node.lineno, importer, "import") if module else UNKNOWN
            if value[0] == "undefined":
                self.emit("import", value, importer, node.lineno)
            frame.store(bound, value, export=False)

    _statements: ClassVar[dict[type, Any]] = {
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
        nodes.Extends: _extends,
        nodes.Include: _include,
        nodes.Import: _import,
        nodes.FromImport: _import,
    }


def element_of(source: Value, node: nodes.Node) -> Value:
    """What a loop over a value gives, one at a time."""
    if source[0] == "list":
        items = source[1]
        value: Value = items[0] if items else UNKNOWN
        for index, item in enumerate(items[1:]):
            value = ("phi", ("turn", id(node), index), item, value) if item != value else value
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


def _not_extended(frame: Frame) -> Any:
    """The conditions that no `extends` in an `if` was reached before."""
    if not frame.checked:
        return ()
    return tuple((test, False) for test in frame.origin.extended)


def _in_macro(frame: Frame) -> bool:
    return any("(macro)" in one.names for one in frame.outwards())
