"""Run templates abstractly: through their parents, blocks, includes, imports and macros.

A walk knows nothing of render calls. It is cut into pieces (a template's top in one context, a
block in one context), and the result of each is kept as long as the files that it was made from
are the same; so an edit of base.html walks base.html, and no page that extends it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes

from mtvgen.checks.interpreter.calls import BlockChain, Calling
from mtvgen.checks.interpreter.macros import TemplateModule
from mtvgen.checks.interpreter.recording import Slot, Use, WalkResult
from mtvgen.checks.interpreter.scopes import Origin, Scope, TemplateContext
from mtvgen.checks.interpreter.values import Value, conjunction
from mtvgen.checks.templates.store import Store, Template

# What follows from the parent, and so is not known where that is not.
_OF_PARENTS = frozenset({"super-without-parent", "unknown-self-block", "required-block"})


class Walker(Calling):
    """Walks the templates of a store, and keeps what it learned between runs.

    Args:
        store: The templates.
        known: The names that every template has.
        filters: The names of the filters; None where they are not known.
        tests: The names of the tests; None where they are not known.
    """

    def __init__(
        self,
        store: Store,
        known: frozenset[str],
        filters: frozenset[str] | None = None,
        tests: frozenset[str] | None = None,
    ) -> None:
        super().__init__(known, filters, tests)
        self.store = store
        # Of each piece, by what it is and in which context.
        self.results: dict[Value, WalkResult] = {}
        self._pruned_at = -1

    def entry(self, name: str) -> WalkResult:
        """Everything that rendering a template may meet."""
        return self._result(("entry", name), lambda: self._entry(name))

    def prune(self) -> None:
        """Forget what was learned of versions that are gone."""
        if self._pruned_at == self.store.version:
            return
        self._pruned_at = self.store.version
        self.results = {
            key: result for key, result in self.results.items() if self._is_current(result)
        }

    def _entry(self, name: str) -> None:
        template = self._get(name)
        if template is not None and template.tree is not None:
            self._run(template, TemplateContext())
            self._forget_rings_that_end(name)

    def _get(self, name: str) -> Template | None:
        """A template, noted as one that the present walk depends on."""
        template = self.store.get(name)
        self.result.sources[name] = self.store.stamp(name)
        self.result.reached.add(name)
        if template is not None and template.tree is None:
            self.result.silent = True
        return template

    def _result(self, key: Value, walk: Callable[[], Any]) -> WalkResult:
        """The result of a key: kept from before, or walked now, under no conditions of its own."""
        result = self.results.get(key)
        if result is not None and self._is_current(result):
            return result
        result = self.record(key, walk)
        if result.whole:
            self.results[key] = result
        return result

    def _is_current(self, result: WalkResult) -> bool:
        version = self.store.version
        if result.current_at != version or not self.store.complete:
            stamp = self.store.stamp
            if not all(stamp(name) == walked for name, walked in result.sources.items()):
                return False
            result.current_at = version
        return True

    def _run(self, template: Template, context: TemplateContext) -> WalkResult:
        """A template from its top to the last of its parents."""
        self.result.sources[template.name] = template.stamp
        body = self._top(template, context)
        self._follow((template,), [], body)
        return body

    def _top(self, template: Template, context: TemplateContext) -> WalkResult:
        key = ("top", template.name, template.stamp, context.key)
        if key in self.walking:
            self.result.whole = False
            return WalkResult(context=context, whole=False)
        result = self._result(key, lambda: self._walk_top(template, context.copy()))
        self.absorb(result)
        return result

    def _walk_top(self, template: Template, context: TemplateContext) -> None:
        self.result.context = context
        self.result.sources[template.name] = template.stamp
        if template.tree is not None:
            root = template.tree.root
            scope = Scope(Origin(template, context), None, (id(root), ""), top=True, checked=True)
            self.walk(root.body, scope)
        self._forget_rings_that_end(template.name)

    def _follow(self, chain: tuple[Template, ...], slots: list[Slot], body: WalkResult) -> None:
        """Run the parents that a template names, and then show the blocks of all."""
        own = [
            slot._replace(conditions=(*self.conditions, *slot.conditions)) for slot in body.slots
        ]
        slots = slots + own
        for parent, line, conditions in body.extends:
            with self.under_all(conditions):
                above = self._parent(chain, parent, line) if parent is not None else None
                if above is None:
                    self._show_below_unknown(chain, slots, body.context)
                else:
                    result = self._top(above, body.context)
                    self._follow((*chain, above), slots, result)
                    body.context.update(result.context)
        if not body.certain:
            not_extended = ((conjunction(extends.conditions), False) for extends in body.extends)
            with self.under_all(tuple(not_extended)):
                for slot in slots:
                    self._show(chain, slot, ())

    def _parent(self, chain: tuple[Template, ...], name: str, line: int) -> Template | None:
        child = chain[-1]
        above = self._get(self.store.resolve(name, child.name))
        if above is None and self.store.complete:
            self.note_use("missing", ("not-found", (name,)), child.name, line)
        if above is None or above.tree is None or above in chain:
            self.result.silent = True
            return None
        return above

    def _show_below_unknown(
        self, chain: tuple[Template, ...], slots: list[Slot], context: TemplateContext
    ) -> None:
        """Whatever the unknown parent shows, these are the blocks that it may show."""
        self.result.silent = True
        names = {name for template in chain if template.tree for name in template.tree.blocks}
        in_slots = {slot.name for slot in slots}
        places = [
            Slot(name, context, chain[0].name, 1, (), required=False, by_self=False)
            for name in sorted(names - in_slots)
        ]

        def show() -> None:
            for slot in [*slots, *places]:
                self._show(chain, slot, ())

        self.absorb(self.record(("open",), show), only=_holds_below_unknown)

    def _show(self, chain: tuple[Template, ...], slot: Slot, inside: tuple[str, ...]) -> None:
        """Walk the block that is shown in a place, and the places inside it."""
        if slot.name in inside:
            return
        blocks: BlockChain = tuple(
            (template, template.tree.blocks[slot.name])
            for template in chain
            if template.tree is not None and slot.name in template.tree.blocks
        )
        with self.under_all(slot.conditions):
            self._check_slot(chain, slot, blocks)
            if not blocks:
                return
            # Without their versions: of the parents' blocks only those that super() walks count.
            names = tuple(template.name for template, _ in blocks)
            key = ("block", slot.name, names, slot.context.key)
            result = self._result(key, lambda: self.walk_block(slot.name, blocks, slot.context))
            self.absorb(result)
            for inner in result.slots:
                self._show(chain, inner, (*inside, slot.name))

    def _check_slot(self, chain: tuple[Template, ...], slot: Slot, blocks: BlockChain) -> None:
        if slot.by_self and not blocks:
            trees = [template.tree for template in chain if template.tree is not None]
            known = frozenset(name for tree in trees for name in tree.blocks)
            value = ("unknown-self-block", slot.name, known)
            self.note_use("fault", value, slot.template, slot.line)
        if slot.required and len(blocks) <= 1:
            self.note_use("fault", ("required-block", slot.name, ""), slot.template, slot.line)

    def computed(self, node: nodes.Stmt, scope: Scope) -> None:
        """Count an include, an import or a parent whose name is not written there."""
        self.result.silent = True
        kind = type(node).__name__.lower().replace("fromimport", "import")
        template = scope.origin.template.name
        self.note_use("silent", (kind, "its template is computed"), template, node.lineno)

    def include(
        self, names: Sequence[str], node: nodes.Include, context: TemplateContext, scope: Scope
    ) -> None:
        """Walk the first of the named templates that exists."""
        parent = scope.origin.template.name
        if not names and not node.ignore_missing:
            self.fault("empty-include", "include has no names.", "", scope, node.lineno)
        for name in names:
            template = self._get(self.store.resolve(name, parent))
            if template is not None:
                if template.tree is not None:
                    self._note_ring(template, node, scope)
                    self._run_apart(template, context)
                return
        if names and not node.ignore_missing:
            self._missing(names, node, scope)

    def load(
        self, name: str, node: nodes.Stmt, context: TemplateContext, scope: Scope
    ) -> TemplateModule | None:
        """Run a template for an import."""
        template = self._get(self.store.resolve(name, scope.origin.template.name))
        if template is None:
            self._missing([name], node, scope)
            return None
        if template.tree is None:
            return None
        self._note_ring(template, node, scope)
        result = self._run_apart(template, context)
        if result is None:
            return None
        names = result.context.vars
        exports = {name: names[name] for name in result.context.exported if name in names}
        return TemplateModule(template.name, exports, whole=not result.silent)

    def _run_apart(self, template: Template, context: TemplateContext) -> WalkResult | None:
        """Run a template with blocks of its own; None while it is being run already."""
        key = ("run", template.name, template.stamp, context.key)
        if any(walking[:2] == key[:2] for walking in self.walking):
            self.result.whole = False
            return None

        def run() -> None:
            body = self._run(template, context)
            self.result.context = body.context
            self._forget_rings_that_end(template.name)

        result = self._result(key, run)
        self.absorb(result)
        return result

    def _note_ring(self, template: Template, node: nodes.Stmt, scope: Scope) -> None:
        """Note that a template is run again within its own run, if it is."""
        running = [key[1] for key in self.walking if key[0] in ("entry", "run", "top")]
        if template.name in running:
            ring = running[running.index(template.name) :]
            value = ("recursion", tuple(dict.fromkeys(ring)))
            self.note_use("fault", value, scope.origin.template.name, node.lineno)

    def _forget_rings_that_end(self, name: str) -> None:
        """Of the rings from a template to itself, only those without any condition never end."""
        uses = self.result.uses
        for use in [use for use in uses if use.kind == "fault" and use.conditions]:
            if use.value[0] == "recursion" and use.value[1][0] == name:
                del uses[use]

    def _missing(self, names: Sequence[str], node: nodes.Stmt, scope: Scope) -> None:
        if not self.store.complete:
            self.result.silent = True
            return
        value = ("not-found", tuple(names))
        self.note_use("missing", value, scope.origin.template.name, node.lineno)


def _holds_below_unknown(use: Use) -> bool:
    """Whether something is true whatever an unknown parent does: it may set any name."""
    if use.kind == "fault":
        return use.value[0] not in _OF_PARENTS
    return use.kind in ("silent", "import", "missing")
