"""Reads the names off one template, in the order in which Jinja2 runs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from mtvgen.checks.places import Place
from mtvgen.checks.templates.mixing import written_names
from mtvgen.checks.templates.store import Template
from mtvgen.checks.templates.tree import SPECIAL, children
from mtvgen.checks.uses.template_names import (
    Argument,
    Binding,
    Bound,
    CallOf,
    Imported,
    Included,
    MacroOf,
    Meaning,
    Member,
    Mention,
    Named,
    NameScope,
    Read,
    Spot,
    TemplateNames,
    is_const_text,
    orders,
)


@dataclass(frozen=True)
class NewName:
    """A name that is tried out: it is read in some places, whatever is written there.

    Attributes:
        name: The name.
        places: The places, in any file.
    """

    name: str
    places: Set[Place]


def names_of(template: Template, new: NewName | None = None) -> TemplateNames:
    """Return the names of a template; none if it can't be parsed.

    Args:
        template: The template.
        new: A name that some of them have instead of what is written; their places stay.
    """
    reader = _Reader(template, new)
    if template.tree is not None:
        reader.statements(template.tree.root.body, reader.names.top)
        reader.end_tags()
    reader.names.mentions.sort(key=lambda mention: mention.place)
    return reader.names


class _Reader:
    def __init__(self, template: Template, new: NewName | None) -> None:
        self.names = TemplateNames(scopes=[NameScope(0)])
        self._template = template
        self._new = new
        self._text = template.tokens.text
        self._orders = orders()
        # How many `if` are around what is read, inside its scope.
        self._conditions = 0
        self._translated: set[int] = set()

    def statements(self, body: Iterable[nodes.Node], scope: NameScope) -> None:
        for node in body:
            self._statement(node, scope)

    def _statement(self, node: nodes.Node, scope: NameScope) -> None:
        match node:
            case nodes.If():
                self._if(node, scope)
            case nodes.For():
                self._for(node, scope)
            case nodes.Macro():
                self._macro(node, scope)
            case nodes.CallBlock():
                self._expression(node.call, scope)
                self._callable(node, scope)
            case nodes.Block():
                self._block(node, scope)
            case nodes.Assign():
                self._assign(node, scope)
            case nodes.AssignBlock():
                self._inside(node, scope)
                self._store(node.target, scope)
            case nodes.With():
                self._with(node, scope)
            case nodes.Import() | nodes.FromImport():
                self._import(node, scope)
            case nodes.Include() | nodes.Extends():
                self._include(node, scope)
            case nodes.FilterBlock() | nodes.Scope():
                self._inside(node, scope)
            case nodes.ScopedEvalContextModifier():
                self._expressions([option.value for option in node.options], scope)
                self.statements(node.body, scope)
            case _:
                self._expressions(children(node), scope)

    def _if(self, node: nodes.If, scope: NameScope) -> None:
        self._expression(node.test, scope)
        self._conditions += 1
        self.statements(node.body, scope)
        for branch in node.elif_:
            self._expression(branch.test, scope)
            self.statements(branch.body, scope)
        self.statements(node.else_, scope)
        self._conditions -= 1

    def _for(self, node: nodes.For, scope: NameScope) -> None:
        self._expression(node.iter, scope)
        inner = self._open(scope)
        self._parameter(node.target, inner)
        if node.test is not None:
            self._expression(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, self._open(scope))

    def _macro(self, node: nodes.Macro, scope: NameScope) -> None:
        bound = self._bind(node.name, self._template.place(node), scope)
        inner = self._callable(node, scope)
        tree = self._template.tree
        specials = tree.specials.get(id(node), frozenset()) if tree is not None else frozenset()
        self.names.macros.append(MacroOf(bound, inner, "kwargs" in specials))

    def _callable(self, node: Any, scope: NameScope) -> NameScope:
        inner = self._open(scope)
        for argument in node.args:
            self._parameter(argument, inner)
        self._expressions(node.defaults, inner)
        self._body(node.body, inner)
        return inner

    def _block(self, node: nodes.Block, scope: NameScope) -> None:
        place = self._template.place(node)
        name = self._called(node.name, place)
        self._mention(place, Named("block", name), is_definition=True)
        spot = Spot(scope, next(self._orders))
        if node.scoped:
            self.names.scoped_blocks[name] = spot
        inner = self._open(scope if node.scoped else None, name)
        self._body(node.body, inner)

    def _assign(self, node: nodes.Assign, scope: NameScope) -> None:
        value: Any = node.node
        calls = len(self.names.calls)
        meaning = self._expression(value, scope)
        targets = self._store(node.target, scope)
        if len(targets) != 1:
            return
        if isinstance(meaning, Read | Member):
            self.names.aliases.append((targets[0], meaning))
        is_call = isinstance(value, nodes.Call) and isinstance(value.node, nodes.Name)
        if is_call and value.node.name == "namespace" and len(self.names.calls) > calls:
            self.names.namespaces.append((targets[0], self.names.calls[-1]))

    def _with(self, node: nodes.With, scope: NameScope) -> None:
        inner = self._open(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            meaning = self._expression(value, scope)
            targets = self._parameter(target, inner)
            if isinstance(meaning, Read | Member) and len(targets) == 1:
                self.names.aliases.append((targets[0], meaning))
        self._body(node.body, inner)

    def _inside(self, node: Any, scope: NameScope) -> None:
        inner = self._open(scope)
        self._body(node.body, inner)
        if getattr(node, "filter", None) is not None:
            self._expression(node.filter, inner)

    def _body(self, body: Iterable[nodes.Node], scope: NameScope) -> None:
        around, self._conditions = self._conditions, 0
        self.statements(body, scope)
        self._conditions = around

    def _include(self, node: nodes.Include | nodes.Extends, scope: NameScope) -> None:
        self._expression(node.template, scope)
        names = self._templates(node.template)
        if isinstance(node, nodes.Extends):
            self.names.parents += names
        elif node.with_context:
            self.names.included.append(Included(names, Spot(scope, next(self._orders))))

    def _templates(self, expression: nodes.Expr) -> tuple[str, ...]:
        """Note the names of templates in an expression, and return those that they mean."""
        found: list[str] = []
        for name, written in written_names(expression):
            resolved = self._template.environment.join_path(name, self._template.name)
            self._mention(self._template.place(written), Named("template", resolved))
            found.append(resolved)
        self.names.is_computed |= not found
        return tuple(found)

    def _import(self, node: nodes.Import | nodes.FromImport, scope: NameScope) -> None:
        self._expression(node.template, scope)
        names = self._templates(node.template)
        if node.with_context:
            self.names.included.append(Included(names, Spot(scope, next(self._orders))))
        written = self._template.tokens.names_of_tag(node.lineno)
        words = [name for name, _ in written]
        if isinstance(node, nodes.Import):
            last = len(words) - 1 - words[::-1].index("as")
            bound = self._bind(node.target, written[last + 1][1], scope)
            self.names.modules.append((bound, names))
            return
        following = iter(written[words.index("import") + 1 :])
        for name in node.names:
            imported, alias = name if isinstance(name, tuple) else (name, None)
            place = next(following)[1]
            means = Imported(self._called(imported, place), names)
            if alias is None:
                self._bind(imported, place, scope, also=means)
            else:
                self._mention(place, means)
                next(following)  # as
                bound = self._bind(alias, next(following)[1], scope)
                self.names.aliases.append((bound, means))

    # Expressions

    def _expressions(self, expressions: Iterable[nodes.Node], scope: NameScope) -> None:
        for node in expressions:
            self._expression(node, scope)

    def _expression(self, node: nodes.Node, scope: NameScope) -> Meaning | None:
        """Note the names in an expression; returns what it is, if it is a name or an attribute."""
        match node:
            case nodes.Name():
                return self._name(node, scope)
            case nodes.Getattr():
                base = self._expression(node.node, scope)
                return self._member(node.attr, self._template.place(node), base, node)
            case nodes.Getitem():
                base = self._expression(node.node, scope)
                if is_const_text(node.arg):
                    place = self._template.place(node.arg)
                    return self._member(node.arg.value, place, base, node)  # type: ignore[attr-defined]  # a text
                self._expression(node.arg, scope)
            case nodes.Call():
                self._call(node, scope)
            case nodes.Filter() | nodes.Test():
                sort: Any = "filter" if isinstance(node, nodes.Filter) else "test"
                self._mention(self._template.place(node), Named(sort, node.name))
                self._expressions(children(node), scope)
            case nodes.NSRef():
                read = self._name(node, scope)
                place = self._template.tokens.name_from(node.lineno, node.attr)
                self._member(node.attr, place, read, node)
            case nodes.Mod() if isinstance(node.right, nodes.Dict):
                self._translated |= {id(pair.value) for pair in node.right.items if _is_same(pair)}
                self._expressions(children(node), scope)
            case _:
                self._expressions(children(node), scope)
        return None

    def _name(self, node: nodes.Name | nodes.NSRef, scope: NameScope) -> Read | None:
        is_bound = any(node.name in around.bound for around in scope.outwards())
        if node.name in SPECIAL and not is_bound:
            return None
        place = self._template.tokens.name_until(node.lineno, node.name)
        # An extension such as `{% trans %}` makes names up that are written nowhere.
        if self._text.at(place) != node.name:
            return None
        read = Read(self._called(node.name, place), Spot(scope, next(self._orders)))
        self._mention(place, read, is_translated=id(node) in self._translated)
        return read

    def _member(
        self, name: str, place: Place, base: Meaning | None, node: nodes.Node
    ) -> Member | None:
        inner = getattr(node, "node", None)
        name = self._called(name, place)
        if isinstance(inner, nodes.Name) and inner.name == "self" and base is None:
            self._mention(place, Named("block", name))
            return None
        member = Member(name, base if isinstance(base, Read) else None, node.lineno)
        self._mention(place, member)
        return member

    def _call(self, node: nodes.Call, scope: NameScope) -> None:
        callee = self._expression(node.node, scope)
        first = node.args[0] if node.args else None
        sort = _sort_of_call(node.node)
        if sort is not None and is_const_text(first):
            place = self._template.place(first)  # type: ignore[arg-type]  # it is one
            self._mention(place, Named(sort, first.value))  # type: ignore[union-attr]  # a text
        self._expressions(node.args, scope)
        known = callee if isinstance(callee, Read | Member) else None
        places = [self._template.place(keyword) for keyword in node.kwargs]
        keys = [keyword.key for keyword in node.kwargs]
        names = tuple(map(self._called, keys, places))
        call = CallOf(known, names, node.dyn_kwargs is not None)
        if (names and sort is None) or call.is_open:
            self.names.calls.append(call)
        for keyword, name, place in zip(node.kwargs, names, places, strict=True):
            if sort is None:
                self._mention(place, Argument(name, call))
            self._expression(keyword.value, scope)
        dynamic = (node.dyn_args, node.dyn_kwargs)
        self._expressions([rest for rest in dynamic if rest is not None], scope)

    # Bindings

    def _open(self, parent: NameScope | None, block: str = "") -> NameScope:
        around = block or (parent.block if parent is not None else "")
        scope = NameScope(len(self.names.scopes), parent, around)
        self.names.scopes.append(scope)
        return scope

    def _store(self, target: nodes.Node, scope: NameScope) -> Sequence[Bound]:
        """Note what an assignment binds."""
        if isinstance(target, nodes.Name):
            place = self._template.tokens.name_until(target.lineno, target.name)
            return [self._bind(target.name, place, scope)]
        if isinstance(target, nodes.NSRef):
            self._expression(target, scope)
        elif isinstance(target, nodes.Tuple):
            return [bound for item in target.items for bound in self._store(item, scope)]
        return []

    def _parameter(self, target: nodes.Node, scope: NameScope) -> Sequence[Bound]:
        bound = self._store(target, scope)
        for one in bound:
            scope.bound[one.name] = Binding(0, is_parameter=True)
        return bound

    def _bind(
        self, name: str, place: Place, scope: NameScope, also: Meaning | None = None
    ) -> Bound:
        name = self._called(name, place)
        order = next(self._orders)
        known = scope.bound.get(name)
        if known is None or known.order is None:
            scope.bound[name] = Binding(None if self._conditions else order)
        bound = Bound(name, scope)
        self._mention(place, bound, is_definition=True, also=also)
        return bound

    def _mention(
        self,
        place: Place,
        means: Meaning,
        *,
        is_definition: bool = False,
        also: Meaning | None = None,
        is_translated: bool = False,
    ) -> None:
        written = self._text.at(place)
        is_named = written and isinstance(means, Named)
        if is_named or self._called(written, place) == means.name:
            mention = Mention(place, means, is_definition, also, is_translated)
            self.names.mentions.append(mention)

    def _called(self, written: str, place: Place) -> str:
        """Return the name that is read in a place."""
        new = self._new
        return new.name if new is not None and place in new.places else written

    def end_tags(self) -> None:
        """Note the names of blocks behind their ends."""
        for name, place in self._template.tokens.names_behind("endblock"):
            self._mention(place, Named("block", self._called(name, place)))


def _is_same(pair: nodes.Pair) -> bool:
    """Return whether a value of a translation goes by its own name."""
    key, value = pair.key, pair.value
    return isinstance(key, nodes.Const) and key.value == getattr(value, "name", None)


def _sort_of_call(called: nodes.Expr) -> Any:
    """Return what the first argument of a call names: a route or a static file."""
    if isinstance(called, nodes.Name) and called.name == "static":
        return "static"
    is_method = isinstance(called, nodes.Getattr) and called.attr == "url_for"
    is_function = isinstance(called, nodes.Name) and called.name == "url_for"
    return "route" if is_method or is_function else None
