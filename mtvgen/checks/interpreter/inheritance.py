"""Templates with their parents: what is outside the blocks, and then the blocks that are shown.

A run is cut into pieces, whose results are kept, so an edit of base.html walks base.html, and no
page that extends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from mtvgen.checks.interpreter import findings
from mtvgen.checks.interpreter.findings import Use
from mtvgen.checks.interpreter.recording import (
    BelowUnknown,
    Block,
    Extends,
    Run,
    Slot,
    Top,
    WalkResult,
)
from mtvgen.checks.interpreter.scopes import BlockChain, Origin, Scope, TemplateContext
from mtvgen.checks.interpreter.values import All, Position
from mtvgen.checks.templates.template import Template

if TYPE_CHECKING:
    from mtvgen.checks.interpreter.interpreter import Interpreter


# Templates, each with its parent behind it.
Chain: TypeAlias = tuple[Template, ...]


class Inheritance:
    """Runs templates from their tops to the blocks of the last parent."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.store = interpreter.store
        self.recorder = interpreter.recorder
        self.statements = interpreter.statements
        self.calls = interpreter.calls

    def run(self, template: Template, context: TemplateContext) -> None:
        """Run a template from its top to the last of its parents."""
        self.recorder.result.sources[template.name] = template.walked_as
        top = self._top(template, context)
        self.recorder.result.context = self._follow((template,), [], top)
        self._forget_rings_that_end(template.name)

    def run_apart(self, template: Template, context: TemplateContext) -> WalkResult | None:
        """Run a template with blocks of its own; None while it is being run already."""
        runs = (piece.template for piece in self.recorder.walking if isinstance(piece, Run))
        if template.name in runs:
            self.recorder.result.whole = False
            return None
        piece = Run(template.name, template.walked_as, context.key)
        is_new = self.interpreter.results.get(piece) is None
        if is_new and not self.recorder.may_walk_nested(template.name):
            context = context.without_values()
            piece = Run(template.name, template.walked_as, context.key)
        result = self.interpreter.result(piece, lambda: self.run(template, context))
        self.recorder.absorb(result)
        return result

    def _top(self, template: Template, context: TemplateContext) -> WalkResult:
        piece = Top(template.name, template.walked_as, context.key)
        if piece in self.recorder.walking:
            self.recorder.result.whole = False
            return WalkResult(context=context, whole=False)
        result = self.interpreter.result(piece, lambda: self._walk_top(template, context.copy()))
        self.recorder.absorb(result)
        return result

    def _walk_top(self, template: Template, context: TemplateContext) -> None:
        self.recorder.result.context = context
        self.recorder.result.sources[template.name] = template.walked_as
        if template.tree is not None:
            self.recorder.result.blocks = frozenset(template.tree.blocks)
            root = template.tree.root
            scope = Scope(Origin(template, context), None, (id(root), ""), top=True, checked=True)
            self.statements.walk(root.body, scope)
        self._forget_rings_that_end(template.name)

    def _forget_rings_that_end(self, name: str) -> None:
        """Of the rings from a template to itself, only those without any condition never end."""
        uses = self.recorder.result.uses
        for use in list(uses):
            if (
                use.conditions
                and isinstance(use.what, findings.Recursion)
                and use.what.ring[0] == name
            ):
                del uses[use]
                self.recorder.result.is_composed = False

    def _follow(self, chain: Chain, slots: list[Slot], top: WalkResult) -> TemplateContext:
        """Run the parents that a template names, and then show the blocks of all.

        Returns:
            The context as all of them left it.
        """
        # The walk of the top is kept, for other parents too: what these set is not its own.
        context = top.context.copy()
        slots = slots + [self._slot_here(slot, top, context) for slot in top.slots]
        for extends in top.extends:
            with self.recorder.under_all(extends.conditions):
                above = self._parent(chain, extends)
                if above is None:
                    self._show_below_unknown(chain, slots, context)
                else:
                    result = self._top(above, context)
                    context.update(self._follow((*chain, above), slots, result))
        if not top.certain:
            not_extended = tuple((All(extends.conditions), False) for extends in top.extends)
            with self.recorder.under_all(not_extended):
                for slot in slots:
                    self._show(chain, slot, ())
        return context

    def _slot_here(self, slot: Slot, top: WalkResult, context: TemplateContext) -> Slot:
        """Return a place of a template's top as it is reached here, in the context of here."""
        conditions = (*self.recorder.conditions, *slot.conditions)
        context = context if slot.context is top.context else slot.context
        return slot._replace(conditions=conditions, context=context)

    def _parent(self, chain: Chain, extends: Extends) -> Template | None:
        if extends.parent is None:
            return None
        above = self.interpreter.template(self.store.resolve(extends.parent, chain[-1].name))
        if above is None and self.store.complete:
            self.recorder.note(findings.NotFound((extends.parent,)), extends.position)
        if above is None or above.tree is None or above in chain:
            self.recorder.result.silent = True
            return None
        return above

    def _show_below_unknown(
        self, chain: Chain, slots: list[Slot], context: TemplateContext
    ) -> None:
        """Whatever the unknown parent shows, these are the blocks that it may show."""
        self.recorder.result.silent = True
        names = {name for template in chain if template.tree for name in template.tree.blocks}
        others = sorted(names - {slot.name for slot in slots})
        places = [Slot(name, context, Position(chain[0].name, 1)) for name in others]

        def show() -> None:
            for slot in [*slots, *places]:
                self._show(chain, slot, ())

        result = self.recorder.record(BelowUnknown(), show)
        self.recorder.absorb(result, only=_holds_below_unknown)

    def _show(self, chain: Chain, slot: Slot, inside: tuple[str, ...]) -> None:
        """Walk the block that is shown in a place, and the places inside it."""
        if slot.name in inside:
            return
        blocks: BlockChain = tuple(
            (template, template.tree.blocks[slot.name])
            for template in chain
            if template.tree is not None and slot.name in template.tree.blocks
        )
        with self.recorder.under_all(slot.conditions):
            self._check_slot(chain, slot, blocks)
            if not blocks:
                return
            # Without their versions: of the parents' blocks only those that super() walks count.
            names = tuple(template.name for template, _ in blocks)
            result = self.interpreter.result(
                Block(slot.name, names, slot.context.key),
                lambda: self.calls.walk_block(slot.name, blocks, slot.context),
            )
            self.recorder.absorb(result)
            for inner in result.slots:
                self._show(chain, inner, (*inside, slot.name))

    def _check_slot(self, chain: Chain, slot: Slot, blocks: BlockChain) -> None:
        if slot.by_self and not blocks:
            trees = [template.tree for template in chain if template.tree is not None]
            known = frozenset(name for tree in trees for name in tree.blocks)
            self.recorder.note(findings.UnknownSelfBlock(slot.name, known), slot.position)
        if slot.required and len(blocks) <= 1:
            self.recorder.note(findings.RequiredBlock(slot.name), slot.position)


def _holds_below_unknown(use: Use) -> bool:
    """Return whether something is true whatever an unknown parent does: it may set any name."""
    if isinstance(use.what, findings.BlockFault):
        return False
    return isinstance(use.what, findings.Fault | findings.WrongImport | findings.LeftAlone)
