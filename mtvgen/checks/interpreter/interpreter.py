"""Run templates abstractly: through their parents, blocks, includes, imports and macros.

A run knows nothing of render calls. The parts call each other downwards: a template's inheritance
its statements, those their expressions, those the look-up of names; and upwards, by way of the
interpreter, where a call walks the body of a macro, and an include another template.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mtvgen.checks.interpreter.calls import Calls
from mtvgen.checks.interpreter.expressions import Expressions
from mtvgen.checks.interpreter.inclusion import Inclusion
from mtvgen.checks.interpreter.inheritance import Inheritance
from mtvgen.checks.interpreter.lookup import Lookup
from mtvgen.checks.interpreter.recording import Entry, Piece, Recorder, Top, WalkResult
from mtvgen.checks.interpreter.scopes import TemplateContext
from mtvgen.checks.interpreter.statements import Statements
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template


class Interpreter:
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
        self.store = store
        self.known = known
        self.filters = filters
        self.tests = tests
        self.results = KeptResults(store)
        # Each part finds those that were made before it.
        self.recorder = Recorder()
        self.lookup = Lookup(self.recorder, known)
        self.expressions = Expressions(self)
        self.calls = Calls(self)
        self.inclusion = Inclusion(self)
        self.statements = Statements(self)
        self.inheritance = Inheritance(self)

    def entry(self, name: str) -> WalkResult:
        """Everything that rendering a template may meet."""
        piece = Entry(name)
        result = self.results.get(piece) or self._composed_again(piece)
        return result or self.result(piece, lambda: self._enter(name))

    def _composed_again(self, piece: Entry) -> WalkResult | None:
        """Return the result of an entry whose layout was walked again for another one.

        To walk each page from its top to its blocks would take three times as long. None where
        a part is still to be walked, or leads on to others than before.
        """
        before = self.results.by_piece.get(piece)
        if before is None or not before.is_composed or not before.parts:
            return None
        parts: list[WalkResult] = []
        for old in before.parts:
            part = self._as_of_now(old)
            if part is None:
                return None
            parts.append(part)
        result = self.recorder.record(piece, partial(self._compose, parts, before.context))
        result.renews, before.renews = before, None
        self.results.keep(piece, result)
        return result

    def _as_of_now(self, part: WalkResult) -> WalkResult | None:
        """Return the present walk of a piece, if there is one that leads on as an older one did."""
        if self.results.is_current(part):
            return part
        if part.successor is None or not self.results.is_current(part.successor):
            piece = part.piece
            if isinstance(piece, Top):
                piece = Top(piece.template, self.store.walked_as(piece.template), piece.context)
            now = self.results.get(piece) if piece is not None else None
            part.successor = now if now is not None and now.leads_on_as(part) else None
        return part.successor

    def _compose(self, parts: list[WalkResult], context: TemplateContext) -> None:
        for part in parts:
            if isinstance(part.piece, Top):
                self.template(part.piece.template)
            self.recorder.absorb(part)
        self.recorder.result.context = context

    def last_entry(self, name: str) -> WalkResult:
        """Return the same as of the last walk, whatever was edited since."""
        result = self.results.by_piece.get(Entry(name))
        return result if result is not None else self.entry(name)

    def _enter(self, name: str) -> None:
        template = self.template(name)
        if template is not None and template.tree is not None:
            self.inheritance.run(template, TemplateContext())

    def result(self, piece: Piece, walk: Callable[[], object]) -> WalkResult:
        """Return the result of a piece: kept from before, or walked now."""
        result = self.results.get(piece)
        if result is None:
            result = self.recorder.record(piece, walk)
            self.results.keep(piece, result)
        return result

    def template(self, name: str) -> Template | None:
        """Return a template, noted as one that the present walk depends on."""
        template, result = self.store.get(name), self.recorder.result
        result.sources[name] = self.store.walked_as(name)
        result.reached.add(name)
        if template is not None and (template.tree is None or template.repaired is not None):
            result.silent = True
        return template


class KeptResults:
    """The results for the pieces of a store's templates."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.by_piece: dict[Piece, WalkResult] = {}
        self._pruned_at = -1

    def get(self, piece: Piece) -> WalkResult | None:
        """Return the result of a piece; None where it has to be walked."""
        result = self.by_piece.get(piece)
        return result if result is not None and self.is_current(result) else None

    def keep(self, piece: Piece, result: WalkResult) -> None:
        """Keep a result, unless something was left out of it."""
        if result.whole:
            self.by_piece[piece] = result

    def prune(self) -> None:
        """Forget what was learned of versions that are gone."""
        if self._pruned_at != self._store.version:
            self._pruned_at = self._store.version
            results = self.by_piece
            for piece in [key for key, result in results.items() if not self.is_current(result)]:
                del results[piece]

    def is_current(self, result: WalkResult) -> bool:
        """Return whether the templates that a result was made from are walked as they were."""
        store, version = self._store, result.current_at
        if version == store.version and store.complete:
            return True
        if version == store.version - 1 and store.complete:
            # Mostly one template has changed since: to ask for it alone is enough.
            is_current = store.rewalked.isdisjoint(result.sources)
        else:
            sources = result.sources.items()
            is_current = all(store.walked_as(name) == stamp for name, stamp in sources)
        if is_current:
            result.current_at = store.version
        return is_current
