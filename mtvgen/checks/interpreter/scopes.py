"""Where names live while a template runs: contexts and frames, as in Jinja2's compiled code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from jinja2 import nodes

from mtvgen.checks.files import Stamp
from mtvgen.checks.interpreter.values import UNKNOWN, Value, choose
from mtvgen.checks.templates.store import Template
from mtvgen.checks.templates.tree import FrameKey


class Ctx:
    """What `jinja2.runtime.Context` is to a template: its exported names, over what it was given.

    Args:
        outer: Names handed over by an include, an import with context or a scoped block.
        view: Whether the names that nobody set are the view's.
        hidden: Names of a loop around a block that the block does not see, and where that is.
    """

    __slots__ = ("_key", "exported", "hidden", "outer", "vars", "view")

    def __init__(
        self,
        outer: Mapping[str, Value] | None = None,
        *,
        view: bool = True,
        hidden: Mapping[str, str] | None = None,
    ) -> None:
        self.vars: dict[str, Value] = {}
        self.exported: frozenset[str] = frozenset()
        self.outer = outer or {}
        self.view = view
        self.hidden = hidden or {}
        self._key: Value | None = None

    @property
    def key(self) -> Value:
        """Equal for contexts that give every name the same value."""
        if self._key is None:
            given = tuple(sorted(self.outer.items(), key=_first))
            hidden = tuple(sorted(self.hidden.items()))
            self._key = (tuple(sorted(self.vars.items(), key=_first)), given, hidden, self.view)
        return self._key

    def get(self, name: str) -> Value | None:
        """The value that some template gave a name."""
        value = self.vars.get(name)
        return value if value is not None else self.outer.get(name)

    def set(self, name: str, value: Value, *, export: bool) -> None:
        """Bind a name at the top of a template, for its blocks, includes and parents."""
        self.vars[name] = value
        self._key = None
        if not name.startswith("_"):
            names = self.exported | {name} if export else self.exported - {name}
            self.exported = frozenset(names)

    def everything(self) -> dict[str, Value]:
        """All names that templates have set, as `Context.get_all()` gives them."""
        return {**self.outer, **self.vars}

    def copy(self) -> Ctx:
        """The context as it is now, to be changed by itself."""
        other = Ctx(self.outer, view=self.view, hidden=self.hidden)
        other.vars = dict(self.vars)
        other.exported = self.exported
        return other


def _first(item: tuple[str, Value]) -> str:
    return item[0]


@dataclass(eq=False)
class Origin:
    """The function of compiled code that a frame belongs to: a template's top, or one block.

    Attributes:
        template: Whose text it is.
        ctx: The context that it runs with.
        block: The name of the block, and the templates that have one, from this one up.
        extended: For each `extends` so far: the conditions under which it was reached.
        certain: Whether one of them is reached for certain, so output behind it is dropped.
    """

    template: Template
    ctx: Ctx
    block: tuple[str, tuple[tuple[Template, nodes.Block], ...]] | None = None
    extended: list[Value] = field(default_factory=list)
    certain: bool = False


_serials = count()


class Frame:
    """The names of one piece of a template.

    Args:
        origin: The compiled function around it.
        parent: The frame around it, inside the same function.
        opened_by: The node and branch that Tree.masks knows it by.
        top: Whether names set here are exported.
        checked: Whether output here is dropped below `extends`.
    """

    __slots__ = ("checked", "masked", "names", "origin", "parent", "serial", "top")

    def __init__(
        self,
        origin: Origin,
        parent: Frame | None,
        opened_by: FrameKey,
        *,
        top: bool = False,
        checked: bool = False,
    ) -> None:
        tree = origin.template.tree
        self.origin = origin
        self.parent = parent
        self.names: dict[str, Value] = {}
        self.masked = tree.masks.get(opened_by, {}) if tree is not None else {}
        self.top = top
        self.checked = checked
        # Changes whenever a name does, so that what a macro sees can be compared.
        self.serial = next(_serials)

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value in this frame alone."""
        self.names[name] = value
        self.serial = next(_serials)

    def store(self, name: str, value: Value, *, export: bool = True) -> None:
        """`set`, and what else assigns: at the top the name is exported too."""
        self.bind(name, value)
        if self.top:
            self.origin.ctx.set(name, value, export=export)

    def find(self, name: str) -> Value | None:
        """The value that this frame or one around it gave a name."""
        frame: Frame | None = self
        while frame is not None:
            value = frame.names.get(name)
            if value is not None:
                return value
            if name in frame.masked:
                template = frame.origin.template.name
                return ("undefined", "before-set", name, template, frame.masked[name], "")
            frame = frame.parent
        return None

    def locals(self) -> dict[str, Value]:
        """The names bound here and around, as `Symbols.dump_stores()` gives them."""
        found: dict[str, Value] = {}
        frame: Frame | None = self
        while frame is not None:
            found = {**frame.names, **found}
            frame = frame.parent
        return found

    def state(self) -> tuple[int, ...]:
        """Equal as long as no name here or around has changed."""
        return tuple(frame.serial for frame in self.outwards())

    def outwards(self) -> Iterator[Frame]:
        """This frame and those around it."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.parent

    def save(self) -> tuple[dict[str, Value], Ctx]:
        """What the branches of an `if` may change."""
        return dict(self.names), self.origin.ctx.copy()

    def restore(self, saved: tuple[dict[str, Value], Ctx]) -> None:
        """Back to where the branch began."""
        names, ctx = saved
        self.names = dict(names)
        self.serial = next(_serials)
        _assign(self.origin.ctx, ctx)

    def merge(
        self,
        test: Value,
        then: tuple[dict[str, Value], Ctx],
        unset: Any,
    ) -> None:
        """Join the state behind a branch with the present one, which is that behind the other.

        A name that only one of them sets may be set: it is used, and never reported.

        Args:
            test: What decides between them.
            then: The state where the test holds.
            unset: Called with a name: its value where neither branch had set it.
        """
        merged = {
            name: _join(test, then[0].get(name), self.names.get(name), unset, name)
            for name in _union(then[0], self.names)
        }
        ctx = self.origin.ctx
        shared = {
            name: _join(test, then[1].vars.get(name), ctx.vars.get(name), unset, name)
            for name in _union(then[1].vars, ctx.vars)
        }
        if merged != self.names or shared != ctx.vars:
            self.names = merged
            ctx.vars = shared
            ctx._key = None
            ctx.exported |= then[1].exported
            self.serial = next(_serials)


def _assign(ctx: Ctx, other: Ctx) -> None:
    ctx.vars = dict(other.vars)
    ctx.exported = other.exported
    ctx._key = None


def _union(one: Mapping[str, Value], other: Mapping[str, Value]) -> list[str]:
    return [*one, *(name for name in other if name not in one)]


def _join(test: Value, one: Value | None, other: Value | None, unset: Any, name: str) -> Value:
    if one is None:
        one = ("soft", unset(name))
    if other is None:
        other = ("soft", unset(name))
    return choose(test, one, other)


class Macro:
    """A macro, or the body of a call block, with the frame that it was defined in.

    Two are equal if they are the same text in the same version of the same template,
    defined in the same frame: what is known of the one is true of the other.
    """

    __slots__ = ("accepts", "frame", "identity", "name", "node", "signature")

    def __init__(self, node: nodes.Macro | nodes.CallBlock, frame: Frame) -> None:
        tree, template = frame.origin.template.tree, frame.origin.template
        self.node = node
        self.frame = frame
        self.name = getattr(node, "name", "caller")
        self.accepts = tree.specials.get(id(node), frozenset()) if tree else frozenset()
        arguments = ", ".join(argument.name for argument in node.args)
        self.signature = f"{self.name}({arguments})"
        self.identity: tuple[str, Stamp, int, int] = (
            template.name,
            template.stamp,
            id(node),
            id(frame),
        )

    @property
    def required(self) -> list[str]:
        """The names of the arguments without a default."""
        node = self.node
        return [one.name for one in node.args[: len(node.args) - len(node.defaults)]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Macro) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)


class Module:
    """What an import gives: the names that a template exports.

    Attributes:
        template: The template's name.
        exports: What `from` can take from it.
        whole: Whether these are all; not so where the template's parent is computed.
    """

    __slots__ = ("exports", "key", "template", "whole")

    def __init__(self, template: str, exports: Mapping[str, Value], *, whole: bool) -> None:
        self.template = template
        self.exports = exports
        self.whole = whole
        self.key = (template, tuple(sorted(exports.items(), key=_first)), whole)

    def get(self, name: str, line: int, importer: str, why: str) -> Value:
        """One exported name; what is not there is undefined, which is no error until it is used."""
        value = self.exports.get(name)
        if value is not None:
            return value
        if not self.whole:
            return UNKNOWN
        return ("undefined", why, name, importer, line, self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Module) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)
