"""Expressions of a template: the value of each, and which values it uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from jinja2 import nodes

from mtvgen.checks.interpreter.lookup import Lookup
from mtvgen.checks.interpreter.scopes import Frame, Macro
from mtvgen.checks.interpreter.values import (
    COMPARING,
    SILENT_TESTS,
    UNKNOWN,
    Value,
    choose,
    comparison,
    constant,
    negate,
)

# Filters that hand the same elements on, and those that take one of them.
SAME_ELEMENTS = frozenset(
    {"list", "sort", "reverse", "unique", "select", "reject", "selectattr", "rejectattr"}
)
ONE_ELEMENT = frozenset({"first", "last", "random", "min", "max"})
# Filters that are generators: they touch their value when they are looped over, not before.
LAZY = frozenset(
    {"map", "select", "reject", "selectattr", "rejectattr", "batch", "slice", "unique"}
)
# Callables that keep what they are given without a look at it.
KEEPERS = frozenset({"dict", "namespace", "cycler", "joiner"})
# Which of their arguments are texts to translate; the others are a context and a number.
TRANSLATED = {
    "_": slice(0, 1),
    "gettext": slice(0, 1),
    "ngettext": slice(0, 2),
    "pgettext": slice(1, 2),
    "npgettext": slice(1, 3),
}


class Expressions(Lookup, ABC):
    """Evaluates expressions; what calls lead to is up to the walker.

    Args:
        known: The names that every template has.
        filters: The names of the filters; None where they are not known.
        tests: The names of the tests; None where they are not known.
    """

    def __init__(
        self, known: frozenset[str], filters: frozenset[str] | None, tests: frozenset[str] | None
    ) -> None:
        super().__init__(known)
        self.filters = filters
        self.tests = tests

    @abstractmethod
    def call(self, callee: Value, node: nodes.Call, frame: Frame, caller: Macro | None) -> Value:
        """What calling a macro, a block or something unknown gives."""

    def evaluate(self, node: nodes.Node | None, frame: Frame) -> Value:
        """The value of an expression."""
        visit = self._visitors.get(type(node))
        if visit is not None:
            value: Value = visit(self, node, frame)
            return value
        if node is None:
            return UNKNOWN
        if isinstance(node, nodes.BinExpr):
            return self._operation(type(node).__name__, [node.left, node.right], frame)
        if isinstance(node, nodes.UnaryExpr):
            return self._operation(type(node).__name__, [node.node], frame)
        for child in node.iter_child_nodes():
            self.use(self.evaluate(child, frame), child, frame)
        return UNKNOWN

    def evaluate_used(self, node: nodes.Node, frame: Frame) -> Value:
        """The value of an expression whose value is needed at once."""
        value = self.evaluate(node, frame)
        self.use(value, node, frame)
        return value

    def _name(self, node: nodes.Name, frame: Frame) -> Value:
        return self.look_up(node.name, node.lineno, frame)

    def _const(self, node: nodes.Const, frame: Frame) -> Value:
        return constant(node.value)

    def _template_data(self, node: nodes.TemplateData, frame: Frame) -> Value:
        return UNKNOWN

    def _getattr(self, node: nodes.Getattr, frame: Frame) -> Value:
        return self.attribute(self.evaluate(node.node, frame), node.attr, node, frame)

    def _getitem(self, node: nodes.Getitem, frame: Frame) -> Value:
        base = self.evaluate(node.node, frame)
        if isinstance(node.arg, nodes.Slice):
            self.use(base, node, frame)
            self.evaluate(node.arg, frame)
            return ("aslist", base)
        key = self.evaluate_used(node.arg, frame)
        if key[0] == "const" and isinstance(key[1], str) and base[0] in ("module", "self"):
            return self.attribute(base, key[1], node, frame)
        self.use(base, node, frame)
        return ("item", base, key)

    def _filter(self, node: nodes.Filter, frame: Frame) -> Value:
        value = self.evaluate(node.node, frame) if node.node is not None else UNKNOWN
        if self.filters is not None and node.name not in self.filters:
            self._unknown("filter", node, frame)
            return UNKNOWN
        arguments = self._arguments(node, frame)
        if node.name in ("default", "d"):
            return self._default(value, node, arguments)
        for argument, at in arguments:
            self.use(argument, at, frame)
        if node.name in LAZY:
            return ("lazy", value, node.name)
        if node.name != "items":
            self.use(value, node, frame)
        if node.name in SAME_ELEMENTS:
            return ("aslist", value[1] if value[0] == "lazy" else value)
        if node.name in ONE_ELEMENT and not arguments:
            return ("elem", value)
        return ("filter", node.name, value, tuple(argument for argument, _ in arguments))

    def _default(self, value: Value, node: nodes.Filter, arguments: Any) -> Value:
        given = [argument for argument, _ in arguments]
        named = {keyword.key for keyword in node.kwargs}
        instead = given[0] if given and (node.args or "default_value" in named) else constant("")
        exists: Value = ("defined", value)
        if len(node.args) > 1 or "boolean" in named:
            exists = choose(exists, value, ("const", False, "bool"))
        return choose(exists, value, instead)

    def _test(self, node: nodes.Test, frame: Frame) -> Value:
        value = self.evaluate(node.node, frame)
        name = node.name
        if self.tests is not None and name not in self.tests:
            self._unknown("test", node, frame)
            return UNKNOWN
        arguments = self._arguments(node, frame)
        if name == "defined":
            return ("defined", value)
        if name == "undefined":
            return negate(("defined", value))
        if name not in SILENT_TESTS:
            self.use(value, node, frame)
        for argument, at in arguments:
            self.use(argument, at, frame)
        known = {"filter": self.filters, "test": self.tests}.get(name)
        if known is not None and value[0] == "const":
            return constant(value[1] in known)
        if name in COMPARING and len(arguments) == 1:
            return comparison(COMPARING[name], value, arguments[0][0])
        return ("test", name, value, tuple(argument for argument, _ in arguments))

    def _unknown(self, kind: str, node: Any, frame: Frame) -> None:
        """A filter or a test that nobody registered; elsewhere the file's own rules find it."""
        tree = frame.origin.template.tree
        if tree is not None and id(node) in tree.guarded:
            self.fault(f"unknown-{kind}", node.name, "", frame, node.lineno)

    def _arguments(self, node: Any, frame: Frame) -> list[tuple[Value, nodes.Node]]:
        """The values of all arguments, in order, and where each stands."""
        given = [(self.evaluate(one, frame), one) for one in node.args]
        given += [(self.evaluate(one.value, frame), one) for one in node.kwargs]
        for dynamic in (node.dyn_args, node.dyn_kwargs):
            if dynamic is not None:
                given.append((self.evaluate_used(dynamic, frame), dynamic))
        return given

    def _not(self, node: nodes.Not, frame: Frame) -> Value:
        return negate(self.evaluate_used(node.node, frame))

    def _and(self, node: nodes.And, frame: Frame) -> Value:
        left = self.evaluate_used(node.left, frame)
        with self.under(left, True) as reachable:
            right = self.evaluate(node.right, frame) if reachable else UNKNOWN
        return choose(left, right, left)

    def _or(self, node: nodes.Or, frame: Frame) -> Value:
        left = self.evaluate_used(node.left, frame)
        with self.under(left, False) as reachable:
            right = self.evaluate(node.right, frame) if reachable else UNKNOWN
        return choose(left, left, right)

    def _cond_expr(self, node: nodes.CondExpr, frame: Frame) -> Value:
        test = self.evaluate_used(node.test, frame)
        with self.under(test, True) as reachable:
            then = self.evaluate(node.expr1, frame) if reachable else UNKNOWN
        with self.under(test, False) as reachable:
            otherwise = self.evaluate(node.expr2, frame) if reachable else UNKNOWN
        return choose(test, then, otherwise)

    def _compare(self, node: nodes.Compare, frame: Frame) -> Value:
        left = self.evaluate_used(node.expr, frame)
        results: list[Value] = []
        for operand in node.ops:
            right = self.evaluate_used(operand.expr, frame)
            results.append(comparison(operand.op, left, right))
            left = right
        return results[0] if len(results) == 1 else ("op", "chain", tuple(results))

    def _modulo(self, node: nodes.Mod, frame: Frame) -> Value:
        """`a % b`; `text % {...}`, which `{% trans %}` becomes, uses what the text names."""
        texts = _formats(node.left)
        if not isinstance(node.right, nodes.Dict) or not texts:
            return self._operation("Mod", [node.left, node.right], frame)
        self.evaluate_used(node.left, frame)
        for pair in node.right.items:
            value = self.evaluate(pair.value, frame)
            # Which of singular and plural is shown is not known: what both name is used.
            name = pair.key.value if isinstance(pair.key, nodes.Const) else None
            if all(f"%({name})" in text for text in texts):
                self.use(value, pair.value, frame)
        return UNKNOWN

    def _operation(self, name: str, operands: Sequence[nodes.Node], frame: Frame) -> Value:
        return ("op", name, tuple(self.evaluate_used(operand, frame) for operand in operands))

    def _concat(self, node: nodes.Concat, frame: Frame) -> Value:
        return self._operation("~", node.nodes, frame)

    def _sequence(self, node: Any, frame: Frame) -> Value:
        return ("list", tuple(self.evaluate(item, frame) for item in node.items))

    def _dict(self, node: nodes.Dict, frame: Frame) -> Value:
        for pair in node.items:
            self.evaluate_used(pair.key, frame)
            self.evaluate(pair.value, frame)
        return ("const", bool(node.items), "dict") if not node.items else UNKNOWN

    def _call(self, node: nodes.Call, frame: Frame) -> Value:
        return self.call(self.evaluate(node.node, frame), node, frame, None)

    _visitors: ClassVar[dict[type, Any]] = {
        nodes.Name: _name,
        nodes.Const: _const,
        nodes.TemplateData: _template_data,
        nodes.Getattr: _getattr,
        nodes.Getitem: _getitem,
        nodes.Filter: _filter,
        nodes.Test: _test,
        nodes.Not: _not,
        nodes.And: _and,
        nodes.Or: _or,
        nodes.CondExpr: _cond_expr,
        nodes.Compare: _compare,
        nodes.Mod: _modulo,
        nodes.Concat: _concat,
        nodes.Tuple: _sequence,
        nodes.List: _sequence,
        nodes.Dict: _dict,
        nodes.Call: _call,
    }


def _formats(node: nodes.Node) -> list[str]:
    """The texts that a `%` fills in: a literal, or what is translated; none if they are unknown."""
    if isinstance(node, nodes.MarkSafeIfAutoescape):
        node = node.expr
    given: Sequence[nodes.Node] = [node]
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        given = node.args[TRANSLATED.get(node.node.name, slice(0))]
    texts = [one.value for one in given if isinstance(one, nodes.Const)]
    return texts if len(texts) == len(given) and all(type(one) is str for one in texts) else []
