"""The names at a place in a template, and the types of what they hold, for an editor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, reduce

import jinja2
from jinja2 import nodes

from mtvgen.checks import python_types as types
from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.expressions import ONE_ELEMENT
from mtvgen.checks.interpreter.recording import WalkResult
from mtvgen.checks.places import Place
from mtvgen.checks.python.types import Types
from mtvgen.checks.python_types import Type
from mtvgen.checks.rendering.attributes import OF_EVERY_TEMPLATE, type_of
from mtvgen.checks.templates.scopes import names_in_scope
from mtvgen.checks.templates.template import Template
from mtvgen.checks.views.calls import RenderCall

# Filters that give the elements of what they are given.
_OF_THE_SAME = frozenset({"sort", "list", "reverse", "unique", "select", "reject", "selectattr"})
_DEEPEST = 20  # names that lead to others; a loop over itself is not followed for ever


class NamesAt:
    """The names at a place, and their types.

    Args:
        template: The template; half-typed is enough.
        place: The place.
        calls: The render calls whose page the template is part of.
        walk: Returns what walking one of these pages has found.
        walked: The version of the template that is walked; None if none is.
        project_types: The types of the project.
    """

    def __init__(
        self,
        template: Template,
        place: Place,
        calls: Sequence[RenderCall],
        walk: Callable[[str], WalkResult],
        walked: Template | None,
        project_types: Types,
    ) -> None:
        self._template = template
        self._calls = calls
        self._walk = walk
        self._walked_version = walked
        self._types = project_types
        self._bound = names_in_scope(template, place.line, place.column)

    @property
    def bound(self) -> Iterable[str]:
        """The names that the template itself has given a value."""
        return self._bound.keys()

    @cached_property
    def passed(self) -> dict[str, list[RenderCall]]:
        """The names that views pass, each with the calls that do."""
        passed: dict[str, list[RenderCall]] = {}
        for call in self._calls:
            for name in call.names:
                passed.setdefault(name, []).append(call)
        return passed

    def types_of(self, chain: Sequence[str]) -> list[Type]:
        """Return what a name with attributes may be, without what is not known.

        Args:
            chain: The name, and the attributes behind it: `["note", "author"]`.
        """
        name, *attributes = chain
        kinds = self._types_of_name(name, 0)
        return self._known(reduce(_attribute_of, attributes, kind) for kind in kinds)

    def types_of_expression(self, expression: str) -> list[Type]:
        """Return what an expression would be at this place, without what is not known."""
        environment = self._template.environment
        opener, closer = environment.variable_start_string, environment.variable_end_string
        try:
            tree = environment.parse(f"{opener} {expression} {closer}")
        except jinja2.TemplateSyntaxError:
            return []
        written = (node for output in tree.find_all(nodes.Output) for node in output.nodes)
        return self._known(kind for node in written for kind in self._types_of_node(node, 0))

    def types_given(self, target: nodes.Name) -> list[Type]:
        """Return what a name may be that a loop, a set or a macro gives a value at this place."""
        return self._known((*self._types_of_binding(target, 0), *self._walked(target.name)))

    def _known(self, kinds: Iterable[Type]) -> list[Type]:
        resolved = (self._types.resolve(kind) for kind in kinds)
        found: list[Type] = []
        for kind in resolved:
            if kind is not None and kind not in found:
                found.append(kind)
        return found

    def _types_of_name(self, name: str, depth: int) -> Iterator[Type]:
        binding = self._bound.get(name)
        if binding is None and name in self.passed:
            for call in self.passed[name]:
                yield call.names[name]
        elif binding is not None:
            yield from self._types_of_binding(binding, depth + 1)
        else:
            yield OF_EVERY_TEMPLATE.get(name)
        yield from self._walked(name)

    def _types_of_binding(self, target: nodes.Node, depth: int) -> Iterator[Type]:
        tree = self._template.tree
        if tree is None or depth > _DEEPEST:
            return
        for loop in tree.all(nodes.For):
            if loop.target is target:
                for kind in self._types_of_node(loop.iter, depth):
                    yield types.Element(kind) if kind is not None else None
        for assigned in tree.all(nodes.Assign):
            if assigned.target is target:
                yield from self._types_of_node(assigned.node, depth)
        for block in tree.all(nodes.With):
            for name, value in zip(block.targets, block.values, strict=False):
                if name is target:
                    yield from self._types_of_node(value, depth)

    def _types_of_node(self, node: nodes.Node, depth: int) -> Iterator[Type]:
        match node:
            case nodes.Name():
                yield from self._types_of_name(node.name, depth)
            case nodes.Getattr():
                for kind in self._types_of_node(node.node, depth):
                    yield _attribute_of(kind, node.attr)
            case nodes.Getitem(arg=nodes.Slice()):
                yield from self._types_of_node(node.node, depth)
            case nodes.Getitem():
                index = node.arg.value if isinstance(node.arg, nodes.Const) else None
                for kind in self._types_of_node(node.node, depth):
                    yield types.Item(kind, index) if kind is not None else None
            case nodes.CondExpr():
                for one in (node.expr1, *([node.expr2] if node.expr2 is not None else ())):
                    yield from self._types_of_node(one, depth)
            case nodes.Or() | nodes.And():
                for one in (node.left, node.right):
                    yield from self._types_of_node(one, depth)
            case nodes.Const():
                yield types.Literal(node.value)
            case nodes.Call():
                for kind in self._types_of_node(node.node, depth):
                    yield types.Returned(kind) if kind is not None else None
            case nodes.Filter(name=name) if name in _OF_THE_SAME and node.node is not None:
                yield from self._types_of_node(node.node, depth)
            case nodes.Filter(name=name) if name in ONE_ELEMENT and node.node is not None:
                for kind in self._types_of_node(node.node, depth):
                    yield types.Element(kind) if kind is not None else None

    def _walked(self, name: str) -> Iterator[Type]:
        """Yield what a name held where the walk has met an attribute of it in this template.

        So what an include or a call of a macro hands over is known.
        """
        version = self._walked_version
        for call in self._calls if version is not None else ():
            if call.template is None or version is None:
                continue
            result = self._walk(call.template)
            # The positions of another version are not those of these tokens.
            is_same = result.sources.get(version.name, version.walked_as) == version.walked_as
            for value, position in result.written if is_same else ():
                is_here = position.template == version.name
                if not is_here or not isinstance(value, values.Attribute):
                    continue
                if version.tokens.owner_of(position.mark) == name:
                    kind = type_of(value.base, call)
                    if kind is not None:
                        yield kind


def _attribute_of(kind: Type, name: str) -> Type:
    return types.Attribute(kind, name) if kind is not None else None
