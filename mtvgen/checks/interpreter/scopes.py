"""Names while a template runs: its scopes and its context, as in Jinja2's compiled code.

A scope here is a frame of Jinja2's compiler: a loop, a macro or a block has one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from jinja2 import nodes

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.conditions import choose
from mtvgen.checks.interpreter.values import Position, Reason, Value
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import ScopeKey


class ContextKey:
    """Values that are hashed once: results are kept by those of all names of a context."""

    __slots__ = ("_hash", "_values")

    def __init__(self, values: tuple[Hashable, ...]) -> None:
        self._values = values
        self._hash = hash(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ContextKey) and self._values == other._values

    def __hash__(self) -> int:
        return self._hash


class TemplateContext:
    """A template's context, `jinja2.runtime.Context`: its exported names, over what it was given.

    Args:
        outer: Names handed over by an include, an import with context or a scoped block.
        view: Whether the names that nobody set are the view's.
        hidden: Names of a loop around a block that the block does not see, and where that is.
        depth: 1 for a page, and one more for what includes, or imports with context, hand on to;
            0 for what sees nothing of the page.
    """

    __slots__ = ("_key", "depth", "exported", "hidden", "outer", "vars", "view")

    def __init__(
        self,
        outer: Mapping[str, Value] | None = None,
        *,
        view: bool = True,
        hidden: Mapping[str, str] | None = None,
        depth: int = 1,
    ) -> None:
        self.depth = depth if view else 0
        self.vars: dict[str, Value] = {}
        self.exported: frozenset[str] = frozenset()
        self.outer = outer or {}
        self.view = view
        self.hidden = hidden or {}
        self._key: ContextKey | None = None

    @property
    def key(self) -> ContextKey:
        """Equal for contexts that give every name the same value."""
        if self._key is None:
            given = tuple(sorted(self.outer.items(), key=_first))
            hidden = tuple(sorted(self.hidden.items()))
            own = tuple(sorted(self.vars.items(), key=_first))
            self._key = ContextKey((own, given, hidden, self.view, self.depth))
        return self._key

    def get(self, name: str) -> Value | None:
        """Return the value that some template gave a name."""
        value = self.vars.get(name)
        return value if value is not None else self.outer.get(name)

    def set(self, name: str, value: Value, *, export: bool) -> None:
        """Bind a name at the top of a template, for its blocks, includes and parents."""
        self.vars[name] = value
        self._key = None
        if not name.startswith("_"):
            names = self.exported | {name} if export else self.exported - {name}
            self.exported = frozenset(names)

    def replace(self, names: Mapping[str, Value], exported: frozenset[str]) -> None:
        """Bind other names, where an `if` has led to another state of the template."""
        self.vars = dict(names)
        self.exported = exported
        self._key = None

    def update(self, other: TemplateContext) -> None:
        """Take over what a parent has set, as it does with what is exported."""
        # Mostly they are equal: the parent began with what its child had set.
        if other.vars != self.vars or other.exported != self.exported:
            self.replace({**self.vars, **other.vars}, self.exported | other.exported)

    def everything(self) -> dict[str, Value]:
        """All names that templates have set, as `Context.get_all()` gives them."""
        return {**self.outer, **self.vars}

    def without_values(self) -> TemplateContext:
        """Return the same names, with values of which nothing is known."""
        names: dict[str, Value] = dict.fromkeys(self.everything(), values.UNKNOWN)
        return TemplateContext(names, view=self.view, hidden=self.hidden, depth=self.depth)

    def copy(self) -> TemplateContext:
        """Return the context as it is now, to be changed by itself."""
        copy = TemplateContext(self.outer, view=self.view, hidden=self.hidden, depth=self.depth)
        copy.replace(self.vars, self.exported)
        copy._key = self._key
        return copy


def _first(item: tuple[str, Value]) -> str:
    return item[0]


# The blocks of one name, from the template that is shown up.
BlockChain: TypeAlias = tuple[tuple[Template, nodes.Block], ...]


@dataclass(eq=False)
class Origin:
    """The function of compiled code that a scope belongs to: a template's top, or one block.

    Attributes:
        template: Whose text it is.
        context: The context that it runs with.
        block: The name of the block, and the templates that have one, from this one up.
        extended: For each `extends` so far: the conditions under which it was reached.
        certain: Whether one of them is reached for certain, so output behind it is dropped.
    """

    template: Template
    context: TemplateContext
    block: tuple[str, BlockChain] | None = None
    extended: list[values.All] = field(default_factory=list)
    certain: bool = False


_serials = count()

# The names of a scope, and its context, as they were.
SavedNames: TypeAlias = tuple[dict[str, Value], TemplateContext]


class Scope:
    """The names of one piece of a template.

    Args:
        origin: The compiled function around it.
        parent: The scope around it, inside the same function.
        opened_by: The node and branch that Tree.masks knows it by.
        top: Whether names set here are exported.
        checked: Whether output here is dropped below `extends`.
        in_macro: Whether it is the body of a macro.
    """

    __slots__ = ("checked", "in_macro", "masked", "names", "origin", "parent", "serial", "top")

    def __init__(
        self,
        origin: Origin,
        parent: Scope | None,
        opened_by: ScopeKey,
        *,
        top: bool = False,
        checked: bool = False,
        in_macro: bool = False,
    ) -> None:
        tree = origin.template.tree
        self.origin = origin
        self.parent = parent
        self.names: dict[str, Value] = {}
        self.masked = tree.masks.get(opened_by, {}) if tree is not None else {}
        self.top = top
        self.checked = checked
        self.in_macro = in_macro
        # Changes whenever a name does, so that what a macro sees can be compared.
        self.serial = next(_serials)

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value in this scope alone."""
        self.names[name] = value
        self.serial = next(_serials)

    def store(self, name: str, value: Value, *, export: bool = True) -> None:
        """`set`, and what else assigns: at the top the name is exported too."""
        self.bind(name, value)
        if self.top:
            self.origin.context.set(name, value, export=export)

    def find(self, name: str) -> Value | None:
        """Return the value that this scope or one around it gave a name."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.names.get(name)
            if value is not None:
                return value
            if name in scope.masked:
                position = Position(scope.origin.template.name, scope.masked[name])
                return values.Undefined(Reason.BEFORE_SET, name, position)
            scope = scope.parent
        return None

    def is_bound_by_macro(self, name: str) -> bool:
        """Return whether a name is a macro's own here.

        Then it is not the view's that is written.
        """
        binding = (scope for scope in self.outwards() if name in scope.names)
        scope = next(binding, None)
        return scope is not None and scope.in_macro

    def position_of(self, node: nodes.Node) -> Position:
        """Return where a node of this scope is written."""
        return Position(self.origin.template.name, node.lineno)

    def locals(self) -> dict[str, Value]:
        """Return the names bound here and around, as `Symbols.dump_stores()` gives them."""
        names: dict[str, Value] = {}
        for scope in self.outwards():
            names = {**scope.names, **names}
        return names

    def handed_on(self) -> TemplateContext:
        """Return what an include, an import with context or a scoped block sees."""
        context = self.origin.context
        # What is set further down is not there yet, and find() says so.
        names = {**context.everything(), **self.locals()}
        return TemplateContext(names, view=context.view, depth=context.depth + 1)

    def state(self) -> tuple[int, ...]:
        """Equal until a name here or around changes."""
        return tuple(scope.serial for scope in self.outwards())

    def outwards(self) -> Iterator[Scope]:
        """Yield this scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def save(self) -> SavedNames:
        """Return what the branches of an `if` may change."""
        return dict(self.names), self.origin.context.copy()

    def restore(self, saved: SavedNames) -> None:
        """Back to where the branch began."""
        names, context = saved
        self.names = dict(names)
        self.serial = next(_serials)
        self.origin.context.replace(context.vars, context.exported)

    def merge(self, test: Value, then: SavedNames, unset: Callable[[str], Value]) -> None:
        """Join the state behind a branch with the present one, which is that behind the other.

        A name that only one of them sets may be set: it is used, and never reported.

        Args:
            test: What decides between them.
            then: The state where the test holds.
            unset: Called with a name: its value where neither branch had set it.
        """
        names_then, context_then = then
        context = self.origin.context
        names = _merged(test, names_then, self.names, unset)
        shared = _merged(test, context_then.vars, context.vars, unset)
        if names != self.names or shared != context.vars:
            self.names = names
            context.replace(shared, context.exported | context_then.exported)
            self.serial = next(_serials)


def _merged(
    test: Value,
    then: Mapping[str, Value],
    otherwise: Mapping[str, Value],
    unset: Callable[[str], Value],
) -> dict[str, Value]:
    merged = {}
    for name in (*then, *(name for name in otherwise if name not in then)):
        value_then, value_otherwise = then.get(name), otherwise.get(name)
        if value_then is None:
            value_then = values.MaybeSet(unset(name))
        if value_otherwise is None:
            value_otherwise = values.MaybeSet(unset(name))
        merged[name] = choose(test, value_then, value_otherwise)
    return merged
