"""Statements that name other templates: extends, include, import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from jinja2 import nodes

from mtvgen.checks.interpreter import findings, values
from mtvgen.checks.interpreter.macros import TemplateModule
from mtvgen.checks.interpreter.recording import Entry, Extends, Run, Top
from mtvgen.checks.interpreter.scopes import Scope, TemplateContext
from mtvgen.checks.interpreter.values import UNKNOWN, Conditions, Reason, Value
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import import_targets

if TYPE_CHECKING:
    from mtvgen.checks.interpreter.interpreter import Interpreter

T = TypeVar("T")


class Inclusion:
    """Finds out which templates are named, and has them run."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.store = interpreter.store
        self.recorder = interpreter.recorder
        self.expressions = interpreter.expressions

    def extends(self, node: nodes.Extends, scope: Scope) -> None:
        """Note the parents; they are run when the template has come to its end."""
        origin, recorder, position = scope.origin, self.recorder, scope.position_of(node)
        if origin.extended:
            with recorder.under_all(origin.extended[-1].conditions):
                recorder.note(findings.SecondExtends(), position)
        parent = self.expressions.evaluate_used(node.template, scope)
        for conditions, name in _alternatives(parent, _text):
            if name is None:
                self._note_computed(node, scope)
            with recorder.under_all(conditions):
                recorder.result.extends.append(Extends(name, position, recorder.conditions))
        origin.extended.append(values.All(recorder.conditions))
        if not recorder.conditions:
            origin.certain = recorder.result.certain = True

    def include(self, node: nodes.Include, scope: Scope) -> None:
        """Run the first of the named templates that exists."""
        value = self.expressions.evaluate_used(node.template, scope)
        context = scope.handed_on() if node.with_context else TemplateContext(view=False)
        if not node.with_context and any(around.in_macro for around in scope.outwards()):
            message = "include without context inside a macro shows a generator, not the template."
            self.recorder.note(
                findings.IncludeMistake("templates.include-in-macro", message),
                scope.position_of(node),
            )
        for conditions, names in _alternatives(value, _texts):
            with self.recorder.under_all(conditions):
                if names is None:
                    self._note_computed(node, scope)
                else:
                    self._include_first(names, node, context, scope)

    def import_(self, node: nodes.Import | nodes.FromImport, scope: Scope) -> None:
        """Bind a module, or some of the names that it exports."""
        value = self.expressions.evaluate_used(node.template, scope)
        names = [name for _, name in _alternatives(value, _text)]
        for name in names:
            if name is None:
                self._note_computed(node, scope)
        module: TemplateModule | None = None
        if len(names) == 1 and names[0] is not None:
            context = scope.handed_on() if node.with_context else TemplateContext(view=False)
            module = self._load(names[0], node, context, scope)
        if isinstance(node, nodes.Import):
            scope.store(node.target, module or UNKNOWN, export=False)
        else:
            self._import_names(node, module, scope)

    def _import_names(
        self, node: nodes.FromImport, module: TemplateModule | None, scope: Scope
    ) -> None:
        position = scope.position_of(node)
        for imported, target in zip(node.names, import_targets(node), strict=True):
            name = imported[0] if isinstance(imported, tuple) else imported
            value = module.get(name, position, Reason.IMPORT) if module else UNKNOWN
            if isinstance(value, values.Undefined):
                self.recorder.note(findings.WrongImport(value), position)
            scope.store(target, value, export=False)

    def _include_first(
        self, names: Sequence[str], node: nodes.Include, context: TemplateContext, scope: Scope
    ) -> None:
        if not names and not node.ignore_missing:
            mistake = findings.IncludeMistake("templates.empty-include", "include has no names.")
            self.recorder.note(mistake, scope.position_of(node))
        for name in names:
            template = self._get(name, scope)
            if template is not None:
                if template.tree is not None:
                    self._note_ring(template, node, scope)
                    self.interpreter.inheritance.run_apart(template, context)
                return
        if names and not node.ignore_missing:
            self._note_not_found(names, node, scope)

    def _load(
        self, name: str, node: nodes.Stmt, context: TemplateContext, scope: Scope
    ) -> TemplateModule | None:
        """Run a template for an import; None if it can't be known."""
        template = self._get(name, scope)
        if template is None:
            self._note_not_found([name], node, scope)
        if template is None or template.tree is None:
            return None
        self._note_ring(template, node, scope)
        result = self.interpreter.inheritance.run_apart(template, context)
        if result is None:
            return None
        names = result.context.vars
        exported = sorted(name for name in result.context.exported if name in names)
        exports = tuple((name, names[name]) for name in exported)
        # A macro that is not closed has those behind it inside.
        is_whole = template.repaired is None and not result.silent
        return TemplateModule(template.name, exports, whole=is_whole)

    def _get(self, name: str, scope: Scope) -> Template | None:
        return self.interpreter.template(self.store.resolve(name, scope.origin.template.name))

    def _note_computed(self, node: nodes.Stmt, scope: Scope) -> None:
        """Note an include, an import or a parent whose name is not written there."""
        self.recorder.result.silent = True
        kind = type(node).__name__.lower().replace("fromimport", "import")
        self.recorder.note(
            findings.LeftAlone(kind, "its template is computed"), scope.position_of(node)
        )

    def _note_ring(self, template: Template, node: nodes.Stmt, scope: Scope) -> None:
        """Note that a template is run again within its own run, if it is."""
        pieces = self.recorder.walking
        running = [piece.template for piece in pieces if isinstance(piece, Entry | Run | Top)]
        if template.name in running:
            ring = dict.fromkeys(running[running.index(template.name) :])
            self.recorder.note(findings.Recursion(tuple(ring)), scope.position_of(node))

    def _note_not_found(self, names: Sequence[str], node: nodes.Stmt, scope: Scope) -> None:
        if self.store.complete:
            self.recorder.note(findings.NotFound(tuple(names)), scope.position_of(node))
        else:
            self.recorder.result.silent = True


def _alternatives(
    value: Value, read: Callable[[Value], T | None]
) -> list[tuple[Conditions, T | None]]:
    """Return what a template's name may be, each with its conditions; None where it is computed."""
    if not isinstance(value, values.Either):
        return [((), read(value))]
    return [
        ((*conditions, (value.test, wanted)), names)
        for wanted, side in ((True, value.then), (False, value.otherwise))
        for conditions, names in _alternatives(side, read)
    ]


def _text(value: Value) -> str | None:
    return (
        value.value if isinstance(value, values.Constant) and isinstance(value.value, str) else None
    )


def _texts(value: Value) -> list[str] | None:
    texts = [
        _text(item) for item in (value.items if isinstance(value, values.ListLiteral) else [value])
    ]
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) else None
