"""Reads the names off the expressions of a template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from jinja2 import nodes

from mtvgen.checks.interpreter.expressions import named_attribute
from mtvgen.checks.places import Place
from mtvgen.checks.templates.tree import SPECIAL, children
from mtvgen.checks.uses.names.noting import Noting
from mtvgen.checks.uses.names.template_names import (
    Argument,
    Binding,
    Bound,
    CallOf,
    Meaning,
    Member,
    Named,
    NameScope,
    Read,
    Spot,
    is_const_text,
)

# Methods of a page of a list (mtvgen.runtime.lists) that take the name of an attribute.
_OF_PAGES = frozenset({"sort_link", "order", "options"})


class Expressions(Noting):
    """Reads expressions, and notes their names."""

    def expressions(self, expressions: Iterable[nodes.Node], scope: NameScope) -> None:
        """Note the names in expressions."""
        for node in expressions:
            self.expression(node, scope)

    def expression(self, node: nodes.Node, scope: NameScope) -> Meaning | None:
        """Note the names in an expression; returns what it is, if it is a name or an attribute."""
        match node:
            case nodes.Name():
                return self._name(node, scope)
            case nodes.Getattr():
                base = self.expression(node.node, scope)
                return self._member(node.attr, self.template.place(node), base, node)
            case nodes.Getitem():
                base = self.expression(node.node, scope)
                if is_const_text(node.arg):
                    place = self.template.place(node.arg)
                    return self._member(node.arg.value, place, base, node, node.arg)  # type: ignore[attr-defined]  # a text
                self.expression(node.arg, scope)
            case nodes.Call():
                self._call(node, scope)
            case nodes.Filter() | nodes.Test():
                sort: Any = "filter" if isinstance(node, nodes.Filter) else "test"
                self.mention(self.template.place(node), Named(sort, node.name))
                self.expressions(children(node), scope)
                if isinstance(node, nodes.Filter):
                    self._attributes_in_quotes(node)
            case nodes.NSRef():
                read = self._name(node, scope)
                place = self.template.tokens.name_from(node.lineno, node.attr)
                self._member(node.attr, place, read, node)
            case nodes.Mod() if isinstance(node.right, nodes.Dict):
                self.translated |= {id(pair.value) for pair in node.right.items if _is_same(pair)}
                self.expressions(children(node), scope)
            case _:
                self.expressions(children(node), scope)
        return None

    def _name(self, node: nodes.Name | nodes.NSRef, scope: NameScope) -> Read | None:
        is_bound = any(node.name in around.bound for around in scope.outwards())
        if node.name in SPECIAL and not is_bound:
            return None
        place = self.template.tokens.name_until(node.lineno, node.name)
        # An extension such as `{% trans %}` makes names up that are written nowhere.
        if self.text.at(place) != node.name:
            return None
        read = Read(self.called(node.name, place), Spot(scope, next(self.orders)))
        self.mention(place, read, is_translated=id(node) in self.translated)
        return read

    def _member(
        self,
        name: str,
        place: Place,
        base: Meaning | None,
        node: nodes.Node,
        quoted: nodes.Node | None = None,
    ) -> Member | None:
        inner = getattr(node, "node", None)
        name = self.called(name, place)
        if isinstance(inner, nodes.Name) and inner.name in SPECIAL and base is None:
            if inner.name == "self":
                self.mention(place, Named("block", name))
            return None
        mark = (quoted or node).lineno
        member = Member(name, base if isinstance(base, Read) else None, mark)
        self.mention(place, member)
        return member

    def _attribute_in_quotes(self, written: nodes.Node | None) -> None:
        """Note the attribute that a page of a list is asked for: `page.sort_link("title")`."""
        if is_const_text(written):
            place = self.template.place(written)  # type: ignore[arg-type]  # it is one
            name = self.called(written.value, place)  # type: ignore[union-attr]  # a text
            self.mention(place, Member(name, None, written.lineno))  # type: ignore[union-attr]  # the same

    def _attributes_in_quotes(self, node: nodes.Filter) -> None:
        """Note the attributes that a filter is to look at: `sort(attribute="author.name")`."""
        written = named_attribute(node)
        if node.name == "attr" and node.args and is_const_text(node.args[0]):
            written = node.args[0]  # type: ignore[assignment]  # a text
        if written is None:
            return
        whole = self.template.place(written)
        for part in re.finditer(r"[^.,\s]+", written.value):
            column = whole.column + part.start()
            place = whole._replace(column=column, end_column=column + len(part[0]))
            if not part[0].isdigit():
                self.mention(place, Member(self.called(part[0], place), None, written.lineno))

    def _call(self, node: nodes.Call, scope: NameScope) -> None:
        callee = self.expression(node.node, scope)
        first = node.args[0] if node.args else None
        sort = _sort_of_call(node.node)
        if sort is not None and is_const_text(first):
            place = self.template.place(first)  # type: ignore[arg-type]  # it is one
            self.mention(place, Named(sort, first.value))  # type: ignore[union-attr]  # a text
        if isinstance(node.node, nodes.Getattr) and node.node.attr in _OF_PAGES:
            self._attribute_in_quotes(first)
        self.expressions(node.args, scope)
        known = callee if isinstance(callee, Read | Member) else None
        places = [self.template.place(keyword) for keyword in node.kwargs]
        keys = [keyword.key for keyword in node.kwargs]
        names = tuple(map(self.called, keys, places))
        call = CallOf(known, names, node.dyn_kwargs is not None)
        if (names and sort is None) or call.is_open:
            self.names.calls.append(call)
        for keyword, name, place in zip(node.kwargs, names, places, strict=True):
            if sort is None:
                self.mention(place, Argument(name, call))
            self.expression(keyword.value, scope)
        dynamic = (node.dyn_args, node.dyn_kwargs)
        self.expressions([rest for rest in dynamic if rest is not None], scope)

    def store(self, target: nodes.Node, scope: NameScope) -> Sequence[Bound]:
        """Note what an assignment binds."""
        if isinstance(target, nodes.Name):
            place = self.template.tokens.name_until(target.lineno, target.name)
            return [self.bind(target.name, place, scope)]
        if isinstance(target, nodes.NSRef):
            self.expression(target, scope)
        elif isinstance(target, nodes.Tuple):
            return [bound for item in target.items for bound in self.store(item, scope)]
        return []

    def parameter(self, target: nodes.Node, scope: NameScope) -> Sequence[Bound]:
        """Note what is bound before anything in a scope is read."""
        bound = self.store(target, scope)
        for one in bound:
            scope.bound[one.name] = Binding(0, is_parameter=True)
        return bound


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
