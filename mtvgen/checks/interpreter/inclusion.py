"""Statements that name other templates: extends, include, import."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from jinja2 import nodes

from mtvgen.checks.interpreter.macros import TemplateModule
from mtvgen.checks.interpreter.recording import Extends
from mtvgen.checks.interpreter.scopes import Scope, TemplateContext
from mtvgen.checks.interpreter.statements import Statements
from mtvgen.checks.interpreter.values import UNKNOWN, Value, conjunction
from mtvgen.checks.templates.tree import import_targets


class Inclusion(Statements):
    """Finds out which templates are named; to walk them is up to the walker."""

    @abstractmethod
    def include(
        self, names: Sequence[str], node: nodes.Include, context: TemplateContext, scope: Scope
    ) -> None:
        """Walk the first of the named templates that exists."""

    @abstractmethod
    def load(
        self, name: str, node: nodes.Stmt, context: TemplateContext, scope: Scope
    ) -> TemplateModule | None:
        """Run a template for an import; None if it can't be known."""

    @abstractmethod
    def computed(self, node: nodes.Stmt, scope: Scope) -> None:
        """Count a template whose name is computed."""

    def _extends(self, node: nodes.Extends, scope: Scope) -> None:
        origin = scope.origin
        if origin.extended:
            with self.under_all(origin.extended[-1][1]):
                self.fault("extends-twice", "", "", scope, node.lineno)
        parent = self.evaluate_used(node.template, scope)
        before = len(self.conditions)
        for conditions, name in self._names(parent, node, scope):
            with self.under_all(conditions):
                self.result.extends.append(Extends(name, node.lineno, self.conditions))
        origin.extended.append(conjunction(self.conditions[:before]))
        if not self.conditions:
            origin.certain = self.result.certain = True

    def _names(self, value: Value, node: nodes.Stmt, scope: Scope) -> list[tuple[Any, str | None]]:
        """The templates that an `extends` or an import may mean, each with its conditions."""
        if value[0] == "either":
            _, test, then, otherwise = value
            return [
                ((*conditions, (test, wanted)), name)
                for wanted, side in ((True, then), (False, otherwise))
                for conditions, name in self._names(side, node, scope)
            ]
        if value[0] == "const" and isinstance(value[1], str):
            return [((), value[1])]
        self.computed(node, scope)
        return [((), None)]

    def _include(self, node: nodes.Include, scope: Scope) -> None:
        value = self.evaluate_used(node.template, scope)
        context = self._handed_on(scope) if node.with_context else TemplateContext(view=False)
        if not node.with_context and _in_macro(scope):
            message = "include without context inside a macro shows a generator, not the template."
            self.fault("include-in-macro", message, "", scope, node.lineno)
        for conditions, names in self._alternatives(value):
            with self.under_all(conditions):
                if names is None:
                    self.computed(node, scope)
                else:
                    self.include(names, node, context, scope)

    def _alternatives(self, value: Value) -> list[tuple[Any, list[str] | None]]:
        """The lists of names that an `include` may mean."""
        if value[0] == "either":
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

    def _handed_on(self, scope: Scope) -> TemplateContext:
        context = scope.origin.context
        # What is set further down is not there yet, and find() says so.
        return TemplateContext({**context.everything(), **scope.locals()}, view=context.view)

    def _import(self, node: Any, scope: Scope) -> None:
        value = self.evaluate_used(node.template, scope)
        names = [name for _, name in self._names(value, node, scope)]
        module: TemplateModule | None = None
        if len(names) == 1 and names[0] is not None:
            context = self._handed_on(scope) if node.with_context else TemplateContext(view=False)
            module = self.load(names[0], node, context, scope)
        if isinstance(node, nodes.Import):
            value = ("module", module) if module is not None else UNKNOWN
            scope.store(node.target, value, export=False)
        else:
            self._import_names(node, module, scope)

    def _import_names(
        self, node: nodes.FromImport, module: TemplateModule | None, scope: Scope
    ) -> None:
        importer = scope.origin.template.name
        for imported, target in zip(node.names, import_targets(node), strict=True):
            name = imported[0] if isinstance(imported, tuple) else imported
            value = module.get(name, node.lineno, importer, "import") if module else UNKNOWN
            if value[0] == "undefined":
                self.note_use("import", value, importer, node.lineno)
            scope.store(target, value, export=False)

    statements: ClassVar[dict[type, Any]] = {
        **Statements.statements,
        nodes.Extends: _extends,
        nodes.Include: _include,
        nodes.Import: _import,
        nodes.FromImport: _import,
    }


def _in_macro(scope: Scope) -> bool:
    return any("(macro)" in around.names for around in scope.outwards())
