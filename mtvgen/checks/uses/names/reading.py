"""Reads the names off one template, in the order in which Jinja2 runs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import nodes

from mtvgen.checks.templates.mixing import written_names
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import children
from mtvgen.checks.uses.names.expressions import Expressions
from mtvgen.checks.uses.names.noting import NewName
from mtvgen.checks.uses.names.template_names import (
    Imported,
    Included,
    MacroOf,
    Member,
    Named,
    NameScope,
    Read,
    Spot,
    TemplateNames,
)


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


class _Reader(Expressions):
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
                self.expression(node.call, scope)
                self._callable(node, scope)
            case nodes.Block():
                self._block(node, scope)
            case nodes.Assign():
                self._assign(node, scope)
            case nodes.AssignBlock():
                self._inside(node, scope)
                self.store(node.target, scope)
            case nodes.With():
                self._with(node, scope)
            case nodes.Import() | nodes.FromImport():
                self._import(node, scope)
            case nodes.Include() | nodes.Extends():
                self._include(node, scope)
            case nodes.FilterBlock() | nodes.Scope():
                self._inside(node, scope)
            case nodes.ScopedEvalContextModifier():
                self.expressions([option.value for option in node.options], scope)
                self.statements(node.body, scope)
            case _:
                self.expressions(children(node), scope)

    def _if(self, node: nodes.If, scope: NameScope) -> None:
        self.expression(node.test, scope)
        self.conditions += 1
        self.statements(node.body, scope)
        for branch in node.elif_:
            self.expression(branch.test, scope)
            self.statements(branch.body, scope)
        self.statements(node.else_, scope)
        self.conditions -= 1

    def _for(self, node: nodes.For, scope: NameScope) -> None:
        self.expression(node.iter, scope)
        inner = self.open(scope)
        self.parameter(node.target, inner)
        if node.test is not None:
            self.expression(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, self.open(scope))

    def _macro(self, node: nodes.Macro, scope: NameScope) -> None:
        bound = self.bind(node.name, self.template.place(node), scope)
        inner = self._callable(node, scope)
        tree = self.template.tree
        specials = tree.specials.get(id(node), frozenset()) if tree is not None else frozenset()
        self.names.macros.append(MacroOf(bound, inner, "kwargs" in specials))

    def _callable(self, node: Any, scope: NameScope) -> NameScope:
        inner = self.open(scope)
        for argument in node.args:
            self.parameter(argument, inner)
        self.expressions(node.defaults, inner)
        self._body(node.body, inner)
        return inner

    def _block(self, node: nodes.Block, scope: NameScope) -> None:
        place = self.template.place(node)
        name = self.called(node.name, place)
        self.mention(place, Named("block", name), is_definition=True)
        spot = Spot(scope, next(self.orders))
        if node.scoped:
            self.names.scoped_blocks[name] = spot
        inner = self.open(scope if node.scoped else None, name)
        self._body(node.body, inner)

    def _assign(self, node: nodes.Assign, scope: NameScope) -> None:
        value: Any = node.node
        calls = len(self.names.calls)
        meaning = self.expression(value, scope)
        targets = self.store(node.target, scope)
        if len(targets) != 1:
            return
        if isinstance(meaning, Read | Member):
            self.names.aliases.append((targets[0], meaning))
        is_call = isinstance(value, nodes.Call) and isinstance(value.node, nodes.Name)
        if is_call and value.node.name == "namespace" and len(self.names.calls) > calls:
            self.names.namespaces.append((targets[0], self.names.calls[-1]))

    def _with(self, node: nodes.With, scope: NameScope) -> None:
        inner = self.open(scope)
        for target, value in zip(node.targets, node.values, strict=True):
            meaning = self.expression(value, scope)
            targets = self.parameter(target, inner)
            if isinstance(meaning, Read | Member) and len(targets) == 1:
                self.names.aliases.append((targets[0], meaning))
        self._body(node.body, inner)

    def _inside(self, node: Any, scope: NameScope) -> None:
        inner = self.open(scope)
        self._body(node.body, inner)
        if getattr(node, "filter", None) is not None:
            self.expression(node.filter, inner)

    def _body(self, body: Iterable[nodes.Node], scope: NameScope) -> None:
        around, self.conditions = self.conditions, 0
        self.statements(body, scope)
        self.conditions = around

    def _include(self, node: nodes.Include | nodes.Extends, scope: NameScope) -> None:
        self.expression(node.template, scope)
        names = self._templates(node.template)
        if isinstance(node, nodes.Extends):
            self.names.parents += names
        elif node.with_context:
            self.names.included.append(Included(names, Spot(scope, next(self.orders))))

    def _import(self, node: nodes.Import | nodes.FromImport, scope: NameScope) -> None:
        self.expression(node.template, scope)
        names = self._templates(node.template)
        if node.with_context:
            self.names.included.append(Included(names, Spot(scope, next(self.orders))))
        written = self.template.tokens.names_of_tag(node.lineno)
        words = [name for name, _ in written]
        if isinstance(node, nodes.Import):
            last = len(words) - 1 - words[::-1].index("as")
            bound = self.bind(node.target, written[last + 1][1], scope)
            self.names.modules.append((bound, names))
            return
        following = iter(written[words.index("import") + 1 :])
        for name in node.names:
            imported, alias = name if isinstance(name, tuple) else (name, None)
            place = next(following)[1]
            means = Imported(self.called(imported, place), names)
            if alias is None:
                self.bind(imported, place, scope, also=means)
            else:
                self.mention(place, means)
                next(following)  # as
                bound = self.bind(alias, next(following)[1], scope)
                self.names.aliases.append((bound, means))

    def _templates(self, expression: nodes.Expr) -> tuple[str, ...]:
        """Note the names of templates in an expression, and return those that they mean."""
        found: list[str] = []
        for name, written in written_names(expression):
            resolved = self.template.environment.join_path(name, self.template.name)
            self.mention(self.template.place(written), Named("template", resolved))
            found.append(resolved)
        self.names.is_computed |= not found
        return tuple(found)

    def end_tags(self) -> None:
        """Note the names of blocks behind their ends."""
        for name, place in self.template.tokens.names_behind("endblock"):
            self.mention(place, Named("block", self.called(name, place)))
