"""Run templates abstractly: through their parents, blocks, includes, imports and macros.

A walk knows nothing of render calls. It is cut into units (a template's top in one context,
a block in one context), each kept as long as the files that it was made from are the same;
so an edit of base.html walks base.html, and no page that extends it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import nodes

from mtvgen.checks.interpreter.calls import BlockChain, Calling
from mtvgen.checks.interpreter.recording import Event, Slot, Unit
from mtvgen.checks.interpreter.scopes import Ctx, Frame, Module, Origin
from mtvgen.checks.interpreter.values import Value, conjunction
from mtvgen.checks.templates.store import Store, Template

# What follows from the parent, and so can't be told where that is not known.
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
        self._kept: dict[Value, Unit] = {}
        self._pruned_at = -1

    def entry(self, name: str) -> Unit:
        """Everything that rendering a template may meet."""
        return self._unit(("entry", name), lambda: self._entry(name))

    def prune(self) -> None:
        """Forget what was learned of versions that are gone."""
        if self._pruned_at == self.store.version:
            return
        self._pruned_at = self.store.version
        self._kept = {key: unit for key, unit in self._kept.items() if self._is_current(unit)}

    def _entry(self, name: str) -> None:
        template = self._get(name)
        if template is not None and template.tree is not None:
            self._run(template, Ctx())

    def _get(self, name: str) -> Template | None:
        """A template, noted as one that the present walk depends on."""
        template = self.store.get(name)
        self.unit.sources[name] = self.store.stamp(name)
        self.unit.reached.add(name)
        if template is not None and template.tree is None:
            self.unit.silent = True
        return template

    def _unit(self, key: Value, walk: Callable[[], Any]) -> Unit:
        """The unit of a key: kept from before, or walked now, under no conditions of its own."""
        kept = self._kept.get(key)
        if kept is not None and self._is_current(kept):
            return kept
        unit = self.record(key, walk)
        if unit.whole:
            self._kept[key] = unit
        return unit

    def _is_current(self, unit: Unit) -> bool:
        version = self.store.version
        if unit.current_at != version or not self.store.complete:
            stamp = self.store.stamp
            if not all(stamp(name) == known for name, known in unit.sources.items()):
                return False
            unit.current_at = version
        return True

    def _run(self, template: Template, ctx: Ctx) -> Unit:
        """A template from its top to the last of its parents."""
        self.unit.sources[template.name] = template.stamp
        body = self._top(template, ctx)
        self._follow((template,), [], body)
        return body

    def _top(self, template: Template, ctx: Ctx) -> Unit:
        key = ("top", template.name, template.stamp, ctx.key)
        if key in self.walking:
            self.unit.whole = False
            return Unit(ctx=ctx, whole=False)
        unit = self._unit(key, lambda: self._walk_top(template, ctx.copy()))
        self.absorb(unit)
        return unit

    def _walk_top(self, template: Template, ctx: Ctx) -> None:
        self.unit.ctx = ctx
        self.unit.sources[template.name] = template.stamp
        if template.tree is not None:
            root = template.tree.root
            frame = Frame(Origin(template, ctx), None, (id(root), ""), top=True, checked=True)
            self.walk(root.body, frame)

    def _follow(self, chain: tuple[Template, ...], slots: list[Slot], body: Unit) -> None:
        """Run the parents that a template names, and then show the blocks of all."""
        own = [
            slot._replace(conditions=(*self.conditions, *slot.conditions)) for slot in body.slots
        ]
        slots = slots + own
        for parent, line, conditions in body.extends:
            with self.under_all(conditions):
                above = self._parent(chain, parent, line) if parent is not None else None
                if above is None:
                    self._show_below_unknown(chain, slots, body.ctx)
                else:
                    unit = self._top(above, body.ctx)
                    self._follow((*chain, above), slots, unit)
                    body.ctx.exported |= unit.ctx.exported
                    body.ctx.vars.update(unit.ctx.vars)
        if not body.certain:
            not_extended = ((conjunction(one.conditions), False) for one in body.extends)
            with self.under_all(tuple(not_extended)):
                for slot in slots:
                    self._show(chain, slot, ())

    def _parent(self, chain: tuple[Template, ...], name: str, line: int) -> Template | None:
        child = chain[-1]
        above = self._get(self.store.resolve(name, child.name))
        if above is None and self.store.complete:
            self.emit("missing", ("not-found", (name,)), child.name, line)
        if above is None or above.tree is None or above in chain:
            self.unit.silent = True
            return None
        return above

    def _show_below_unknown(self, chain: tuple[Template, ...], slots: list[Slot], ctx: Ctx) -> None:
        """Whatever the unknown parent shows, these are the blocks that it may show."""
        self.unit.silent = True
        names = {name for template in chain if template.tree for name in template.tree.blocks}
        shown = {slot.name for slot in slots}
        places = [
            Slot(name, ctx, chain[0].name, 1, (), False, False) for name in sorted(names - shown)
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
            key = ("block", slot.name, names, slot.ctx.key)
            unit = self._unit(key, lambda: self.walk_block(slot.name, blocks, slot.ctx))
            self.absorb(unit)
            for inner in unit.slots:
                self._show(chain, inner, (*inside, slot.name))

    def _check_slot(self, chain: tuple[Template, ...], slot: Slot, blocks: BlockChain) -> None:
        if slot.by_self and not blocks:
            known = {name for one in chain if one.tree is not None for name in one.tree.blocks}
            value = ("unknown-self-block", slot.name, frozenset(known))
            self.emit("fault", value, slot.template, slot.line)
        if slot.required and len(blocks) <= 1:
            self.emit("fault", ("required-block", slot.name, ""), slot.template, slot.line)

    def computed(self, node: nodes.Stmt, frame: Frame) -> None:
        """Count an include, an import or a parent whose name is not written there."""
        self.unit.silent = True
        kind = type(node).__name__.lower().replace("fromimport", "import")
        template = frame.origin.template.name
        self.emit("silent", (kind, "its template is computed"), template, node.lineno)

    def include(self, names: Sequence[str], node: nodes.Include, ctx: Ctx, frame: Frame) -> None:
        """Walk the first of the named templates that exists."""
        parent = frame.origin.template.name
        if not names and not node.ignore_missing:
            self.fault("empty-include", "include has no names.", "", frame, node.lineno)
        for name in names:
            template = self._get(self.store.resolve(name, parent))
            if template is not None:
                if template.tree is not None:
                    self._run_apart(template, ctx)
                return
        if names and not node.ignore_missing:
            self._missing(names, node, frame)

    def load(self, name: str, node: nodes.Stmt, ctx: Ctx, frame: Frame) -> Module | None:
        """Run a template for an import."""
        template = self._get(self.store.resolve(name, frame.origin.template.name))
        if template is None:
            self._missing([name], node, frame)
            return None
        if template.tree is None:
            return None
        unit = self._run_apart(template, ctx)
        if unit is None:
            return None
        exports = {key: unit.ctx.vars[key] for key in unit.ctx.exported if key in unit.ctx.vars}
        return Module(template.name, exports, whole=not unit.silent)

    def _run_apart(self, template: Template, ctx: Ctx) -> Unit | None:
        """Run a template with blocks of its own; None while it is being run already."""
        key = ("run", template.name, template.stamp, ctx.key)
        if any(one[:2] == key[:2] for one in self.walking):
            self.unit.whole = False
            return None

        def run() -> None:
            body = self._run(template, ctx)
            self.unit.ctx = body.ctx

        unit = self._unit(key, run)
        self.absorb(unit)
        return unit

    def _missing(self, names: Sequence[str], node: nodes.Stmt, frame: Frame) -> None:
        if not self.store.complete:
            self.unit.silent = True
            return
        value = ("not-found", tuple(names))
        self.emit("missing", value, frame.origin.template.name, node.lineno)


def _holds_below_unknown(event: Event) -> bool:
    """Whether something is true whatever an unknown parent does: it may set any name."""
    if event.kind == "fault":
        return event.value[0] not in _OF_PARENTS
    return event.kind in ("silent", "import", "missing")
