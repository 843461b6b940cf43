"""Expressions of a template: the value of each, and which values it uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from jinja2 import nodes

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.conditions import (
    COMPARING,
    SILENT_TESTS,
    choose,
    comparison,
    constant,
    negate,
)
from mtvgen.checks.interpreter.findings import Quoted, Unregistered
from mtvgen.checks.interpreter.macros import TemplateModule
from mtvgen.checks.interpreter.scopes import Scope
from mtvgen.checks.interpreter.values import FALSE, UNKNOWN, Value

if TYPE_CHECKING:
    from mtvgen.checks.interpreter.interpreter import Interpreter

# Filters that hand the same elements on, and those that take one of them.
SAME_ELEMENTS = frozenset(
    {"list", "sort", "reverse", "unique", "select", "reject", "selectattr", "rejectattr"}
)
ONE_ELEMENT = frozenset({"first", "last", "random", "min", "max"})
# Filters that are generators: they touch their value when they are looped over, not before.
LAZY = frozenset(
    {"map", "select", "reject", "selectattr", "rejectattr", "batch", "slice", "unique"}
)
# Which arguments of a function are texts to translate; the others are a context and a number.
TRANSLATED = {
    "_": slice(0, 1),
    "gettext": slice(0, 1),
    "ngettext": slice(0, 2),
    "pgettext": slice(1, 2),
    "npgettext": slice(1, 3),
}


class Expressions:
    """Evaluates expressions."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.recorder = interpreter.recorder
        self.lookup = interpreter.lookup

    def evaluate_used(self, node: nodes.Node, scope: Scope) -> Value:
        """Return the value of an expression whose value is needed at once."""
        value = self.evaluate(node, scope)
        self.lookup.use(value, node, scope)
        self.lookup.need(value, node, scope)
        return value

    def evaluate(self, node: nodes.Node | None, scope: Scope) -> Value:
        """Return the value of an expression."""
        evaluate = self._EVALUATE.get(type(node))
        if evaluate is not None:
            return evaluate(self, node, scope)
        if node is None:
            return UNKNOWN
        if isinstance(node, nodes.BinExpr):
            return self._operation(type(node).__name__, [node.left, node.right], scope)
        if isinstance(node, nodes.UnaryExpr):
            return self._operation(type(node).__name__, [node.node], scope)
        for child in node.iter_child_nodes():
            self.evaluate_used(child, scope)
        return UNKNOWN

    def _name(self, node: nodes.Name, scope: Scope) -> Value:
        return self.lookup.name(node.name, node, scope)

    def _constant(self, node: nodes.Const, scope: Scope) -> Value:
        return constant(node.value)

    def _template_data(self, node: nodes.TemplateData, scope: Scope) -> Value:
        return UNKNOWN

    def _getattr(self, node: nodes.Getattr, scope: Scope) -> Value:
        return self.lookup.attribute(self.evaluate(node.node, scope), node.attr, node, scope)

    def _call(self, node: nodes.Call, scope: Scope) -> Value:
        return self.interpreter.calls.call(self.evaluate(node.node, scope), node, scope)

    def arguments(
        self, node: nodes.Call | nodes.Filter | nodes.Test, scope: Scope
    ) -> list[tuple[Value, nodes.Node]]:
        """Return the values of all arguments, in order, and where each is written."""
        arguments: list[tuple[Value, nodes.Node]] = []
        arguments += [(self.evaluate(argument, scope), argument) for argument in node.args]
        arguments += [(self.evaluate(keyword.value, scope), keyword) for keyword in node.kwargs]
        for dynamic in (node.dyn_args, node.dyn_kwargs):
            if dynamic is not None:
                arguments.append((self.evaluate_used(dynamic, scope), dynamic))
        return arguments

    def _item(self, node: nodes.Getitem, scope: Scope) -> Value:
        base = self.evaluate(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            self.lookup.use(base, node, scope)
            self.evaluate(node.arg, scope)
            return values.SameElements(base)
        key = self.evaluate_used(node.arg, scope)
        name = key.value if isinstance(key, values.Constant) else None
        if isinstance(name, str) and isinstance(base, TemplateModule | values.TemplateReference):
            return self.lookup.attribute(base, name, node, scope)
        self.lookup.use(base, node, scope)
        if isinstance(name, str):
            quoted = Quoted(values.Attribute(base, name), name)
            self.recorder.note(quoted, scope.position_of(node.arg))
        return values.Item(base, key)

    def _filter(self, node: nodes.Filter, scope: Scope) -> Value:
        value = self.evaluate(node.node, scope)
        known = self.interpreter.filters
        if known is not None and node.name not in known:
            self._note_unregistered("filter", node, scope)
            return UNKNOWN
        arguments = self.arguments(node, scope)
        if node.name in ("default", "d"):
            return _default(value, node, arguments)
        self._use_all(arguments, scope)
        self._note_named_attributes(node, value, scope)
        if node.name in LAZY:
            return values.Lazy(value, node.name)
        if node.name != "items":
            self.lookup.use(value, node, scope)
            self.lookup.need(value, node.node or node, scope)
        if node.name in SAME_ELEMENTS:
            return values.SameElements(value.source if isinstance(value, values.Lazy) else value)
        if node.name in ONE_ELEMENT and not arguments:
            return values.Element(value)
        return values.Filtered(node.name, value, tuple(argument for argument, _ in arguments))

    def _note_named_attributes(self, node: nodes.Filter, value: Value, scope: Scope) -> None:
        """Note the attributes that a filter is to look at: `sort(attribute="author.name")`."""
        written = named_attribute(node)
        has_elements = not isinstance(value, values.Lazy) or value.filter in SAME_ELEMENTS
        if written is None or not has_elements:
            return
        source = value.source if isinstance(value, values.Lazy) else value
        for text in written.value.split(",") if node.name == "sort" else (written.value,):
            base: Value = values.Element(source)
            for name in text.strip().split("."):
                if name.isdigit():
                    break
                base = values.Attribute(base, name)
                quoted = Quoted(base, written.value)
                self.recorder.note(quoted, scope.position_of(written))

    def _test(self, node: nodes.Test, scope: Scope) -> Value:
        value, name = self.evaluate(node.node, scope), node.name
        filters, tests = self.interpreter.filters, self.interpreter.tests
        if tests is not None and name not in tests:
            self._note_unregistered("test", node, scope)
            return UNKNOWN
        arguments = self.arguments(node, scope)
        if name in ("defined", "undefined"):
            return values.Defined(value) if name == "defined" else negate(values.Defined(value))
        if name not in SILENT_TESTS:
            self.lookup.use(value, node, scope)
        self._use_all(arguments, scope)
        known = {"filter": filters, "test": tests}.get(name)
        if known is not None and isinstance(value, values.Constant):
            return constant(value.value in known)
        if name in COMPARING and len(arguments) == 1:
            return comparison(COMPARING[name], value, arguments[0][0])
        return values.Tested(name, value, tuple(argument for argument, _ in arguments))

    def _use_all(self, arguments: list[tuple[Value, nodes.Node]], scope: Scope) -> None:
        for value, node in arguments:
            self.lookup.use(value, node, scope)

    def _note_unregistered(
        self, sort: Literal["filter", "test"], node: nodes.Filter | nodes.Test, scope: Scope
    ) -> None:
        """Note an unregistered filter or test; elsewhere the file's own rules find it."""
        tree = scope.origin.template.tree
        if tree is not None and id(node) in tree.guarded:
            self.recorder.note(Unregistered(sort, node.name), scope.position_of(node))

    def _not(self, node: nodes.Not, scope: Scope) -> Value:
        return negate(self.evaluate_used(node.node, scope))

    def _and_or(self, node: nodes.And | nodes.Or, scope: Scope) -> Value:
        left, is_and = self.evaluate_used(node.left, scope), isinstance(node, nodes.And)
        with self.recorder.under(left, is_and) as reachable:
            right = self.evaluate(node.right, scope) if reachable else UNKNOWN
        return choose(left, right, left) if is_and else choose(left, left, right)

    def _either(self, node: nodes.CondExpr, scope: Scope) -> Value:
        test = self.evaluate_used(node.test, scope)
        with self.recorder.under(test, True) as reachable:
            then = self.evaluate(node.expr1, scope) if reachable else UNKNOWN
        with self.recorder.under(test, False) as reachable:
            otherwise = self.evaluate(node.expr2, scope) if reachable else UNKNOWN
        return choose(test, then, otherwise)

    def _compare(self, node: nodes.Compare, scope: Scope) -> Value:
        left = self.evaluate_used(node.expr, scope)
        comparisons: list[Value] = []
        for operand in node.ops:
            right = self.evaluate_used(operand.expr, scope)
            comparisons.append(comparison(operand.op, left, right))
            left = right
        return (
            comparisons[0]
            if len(comparisons) == 1
            else values.Operation("chain", tuple(comparisons))
        )

    def _sequence(self, node: nodes.List | nodes.Tuple, scope: Scope) -> Value:
        return values.ListLiteral(tuple(self.evaluate(item, scope) for item in node.items))

    def _dict(self, node: nodes.Dict, scope: Scope) -> Value:
        for pair in node.items:
            self.evaluate_used(pair.key, scope)
            self.evaluate(pair.value, scope)
        return UNKNOWN if node.items else values.EmptyDict()

    def _operation(self, name: str, operands: Sequence[nodes.Node], scope: Scope) -> Value:
        return values.Operation(
            name, tuple(self.evaluate_used(operand, scope) for operand in operands)
        )

    def _concat(self, node: nodes.Concat, scope: Scope) -> Value:
        return self._operation("~", node.nodes, scope)

    def _modulo(self, node: nodes.Mod, scope: Scope) -> Value:
        """Evaluate `a % b`; `text % {...}`, made of `{% trans %}`, uses what the text names."""
        texts = _formats(node.left)
        if not isinstance(node.right, nodes.Dict) or not texts:
            return self._operation("Mod", [node.left, node.right], scope)
        self.evaluate_used(node.left, scope)
        for pair in node.right.items:
            value = self.evaluate(pair.value, scope)
            # Which of singular and plural is shown is not known: what both name is used.
            name = pair.key.value if isinstance(pair.key, nodes.Const) else None
            if all(f"%({name})" in text for text in texts):
                self.lookup.use(value, pair.value, scope)
        return UNKNOWN

    _EVALUATE: ClassVar[dict[type, Callable[..., Value]]] = {
        nodes.Name: _name,
        nodes.Const: _constant,
        nodes.TemplateData: _template_data,
        nodes.Getattr: _getattr,
        nodes.Getitem: _item,
        nodes.Call: _call,
        nodes.Filter: _filter,
        nodes.Test: _test,
        nodes.Not: _not,
        nodes.And: _and_or,
        nodes.Or: _and_or,
        nodes.CondExpr: _either,
        nodes.Compare: _compare,
        nodes.List: _sequence,
        nodes.Tuple: _sequence,
        nodes.Dict: _dict,
        nodes.Concat: _concat,
        nodes.Mod: _modulo,
    }


def _default(value: Value, node: nodes.Filter, arguments: list[tuple[Value, nodes.Node]]) -> Value:
    named = {keyword.key for keyword in node.kwargs}
    is_given = arguments and (node.args or "default_value" in named)
    instead = arguments[0][0] if is_given else constant("")
    exists: Value = values.Defined(value)
    if len(node.args) > 1 or "boolean" in named:
        exists = choose(exists, value, FALSE)
    return choose(exists, value, instead)


def named_attribute(node: nodes.Filter) -> nodes.Const | None:
    """Return the text that names an attribute of a filter's elements."""
    place = _ATTRIBUTE_PLACES.get(node.name)
    if place is None:
        return None
    keywords: list[Any] = [*node.kwargs]
    given = next((one.value for one in keywords if one.key == "attribute"), None)
    if given is None and 0 <= place < len(node.args):
        given = node.args[place]
    is_text = isinstance(given, nodes.Const) and isinstance(given.value, str)
    return given if is_text else None


# Where a filter takes the name of an attribute by position; -1 if by name alone.
_ATTRIBUTE_PLACES = {
    "groupby": 0,
    "join": 1,
    "map": -1,
    "max": 1,
    "min": 1,
    "rejectattr": 0,
    "selectattr": 0,
    "sort": 2,
    "sum": 0,
    "unique": 1,
}


def _formats(node: nodes.Node) -> list[str]:
    """Return the texts that a `%` fills in.

    A literal, or what is translated; none if they are unknown.
    """
    if isinstance(node, nodes.MarkSafeIfAutoescape):
        node = node.expr
    formats: Sequence[nodes.Node] = [node]
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        formats = node.args[TRANSLATED.get(node.node.name, slice(0))]
    texts = [literal.value for literal in formats if isinstance(literal, nodes.Const)]
    are_texts = len(texts) == len(formats) and all(type(text) is str for text in texts)
    return texts if are_texts else []
