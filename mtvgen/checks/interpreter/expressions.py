"""Expressions of a template: the value of each, and which values it uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from jinja2 import nodes

from mtvgen.checks.interpreter.lookup import Lookup
from mtvgen.checks.interpreter.macros import Macro
from mtvgen.checks.interpreter.scopes import Scope
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
    def call(self, callee: Value, node: nodes.Call, scope: Scope, caller: Macro | None) -> Value:
        """What calling a macro, a block or something unknown gives."""

    def evaluate(self, node: nodes.Node | None, scope: Scope) -> Value:
        """The value of an expression."""
        visit = self._visitors.get(type(node))
        if visit is not None:
            value: Value = visit(self, node, scope)
            return value
        if node is None:
            return UNKNOWN
        if isinstance(node, nodes.BinExpr):
            return self._operation(type(node).__name__, [node.left, node.right], scope)
        if isinstance(node, nodes.UnaryExpr):
            return self._operation(type(node).__name__, [node.node], scope)
        for child in node.iter_child_nodes():
            self.use(self.evaluate(child, scope), child, scope)
        return UNKNOWN

    def evaluate_used(self, node: nodes.Node, scope: Scope) -> Value:
        """The value of an expression whose value is needed at once."""
        value = self.evaluate(node, scope)
        self.use(value, node, scope)
        return value

    def _name(self, node: nodes.Name, scope: Scope) -> Value:
        return self.look_up(node.name, node.lineno, scope)

    def _const(self, node: nodes.Const, scope: Scope) -> Value:
        return constant(node.value)

    def _template_data(self, node: nodes.TemplateData, scope: Scope) -> Value:
        return UNKNOWN

    def _getattr(self, node: nodes.Getattr, scope: Scope) -> Value:
        return self.attribute(self.evaluate(node.node, scope), node.attr, node, scope)

    def _getitem(self, node: nodes.Getitem, scope: Scope) -> Value:
        base = self.evaluate(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            self.use(base, node, scope)
            self.evaluate(node.arg, scope)
            return ("aslist", base)
        key = self.evaluate_used(node.arg, scope)
        if key[0] == "const" and isinstance(key[1], str) and base[0] in ("module", "self"):
            return self.attribute(base, key[1], node, scope)
        self.use(base, node, scope)
        return ("item", base, key)

    def _filter(self, node: nodes.Filter, scope: Scope) -> Value:
        value = self.evaluate(node.node, scope) if node.node is not None else UNKNOWN
        if self.filters is not None and node.name not in self.filters:
            self._unknown("filter", node, scope)
            return UNKNOWN
        arguments = self.arguments(node, scope)
        if node.name in ("default", "d"):
            return self._default(value, node, arguments)
        for argument, written in arguments:
            self.use(argument, written, scope)
        if node.name in LAZY:
            return ("lazy", value, node.name)
        if node.name != "items":
            self.use(value, node, scope)
        if node.name in SAME_ELEMENTS:
            return ("aslist", value[1] if value[0] == "lazy" else value)
        if node.name in ONE_ELEMENT and not arguments:
            return ("elem", value)
        return ("filter", node.name, value, tuple(argument for argument, _ in arguments))

    def _default(
        self, value: Value, node: nodes.Filter, arguments: list[tuple[Value, nodes.Node]]
    ) -> Value:
        named = {keyword.key for keyword in node.kwargs}
        is_given = arguments and (node.args or "default_value" in named)
        instead = arguments[0][0] if is_given else constant("")
        exists: Value = ("defined", value)
        if len(node.args) > 1 or "boolean" in named:
            exists = choose(exists, value, ("const", False, "bool"))
        return choose(exists, value, instead)

    def _test(self, node: nodes.Test, scope: Scope) -> Value:
        value = self.evaluate(node.node, scope)
        name = node.name
        if self.tests is not None and name not in self.tests:
            self._unknown("test", node, scope)
            return UNKNOWN
        arguments = self.arguments(node, scope)
        if name == "defined":
            return ("defined", value)
        if name == "undefined":
            return negate(("defined", value))
        if name not in SILENT_TESTS:
            self.use(value, node, scope)
        for argument, written in arguments:
            self.use(argument, written, scope)
        known = {"filter": self.filters, "test": self.tests}.get(name)
        if known is not None and value[0] == "const":
            return constant(value[1] in known)
        if name in COMPARING and len(arguments) == 1:
            return comparison(COMPARING[name], value, arguments[0][0])
        return ("test", name, value, tuple(argument for argument, _ in arguments))

    def _unknown(self, kind: str, node: Any, scope: Scope) -> None:
        """A filter or a test that nobody registered; elsewhere the file's own rules find it."""
        tree = scope.origin.template.tree
        if tree is not None and id(node) in tree.guarded:
            self.fault(f"unknown-{kind}", node.name, "", scope, node.lineno)

    def arguments(self, node: Any, scope: Scope) -> list[tuple[Value, nodes.Node]]:
        """The values of all arguments, in order, and where each stands."""
        arguments = [(self.evaluate(argument, scope), argument) for argument in node.args]
        arguments += [(self.evaluate(keyword.value, scope), keyword) for keyword in node.kwargs]
        for dynamic in (node.dyn_args, node.dyn_kwargs):
            if dynamic is not None:
                arguments.append((self.evaluate_used(dynamic, scope), dynamic))
        return arguments

    def _not(self, node: nodes.Not, scope: Scope) -> Value:
        return negate(self.evaluate_used(node.node, scope))

    def _and(self, node: nodes.And, scope: Scope) -> Value:
        left = self.evaluate_used(node.left, scope)
        with self.under(left, True) as reachable:
            right = self.evaluate(node.right, scope) if reachable else UNKNOWN
        return choose(left, right, left)

    def _or(self, node: nodes.Or, scope: Scope) -> Value:
        left = self.evaluate_used(node.left, scope)
        with self.under(left, False) as reachable:
            right = self.evaluate(node.right, scope) if reachable else UNKNOWN
        return choose(left, left, right)

    def _cond_expr(self, node: nodes.CondExpr, scope: Scope) -> Value:
        test = self.evaluate_used(node.test, scope)
        with self.under(test, True) as reachable:
            then = self.evaluate(node.expr1, scope) if reachable else UNKNOWN
        with self.under(test, False) as reachable:
            otherwise = self.evaluate(node.expr2, scope) if reachable else UNKNOWN
        return choose(test, then, otherwise)

    def _compare(self, node: nodes.Compare, scope: Scope) -> Value:
        left = self.evaluate_used(node.expr, scope)
        comparisons: list[Value] = []
        for operand in node.ops:
            right = self.evaluate_used(operand.expr, scope)
            comparisons.append(comparison(operand.op, left, right))
            left = right
        return comparisons[0] if len(comparisons) == 1 else ("op", "chain", tuple(comparisons))

    def _modulo(self, node: nodes.Mod, scope: Scope) -> Value:
        """`a % b`; `text % {...}`, which `{% trans %}` becomes, uses what the text names."""
        texts = _formats(node.left)
        if not isinstance(node.right, nodes.Dict) or not texts:
            return self._operation("Mod", [node.left, node.right], scope)
        self.evaluate_used(node.left, scope)
        for pair in node.right.items:
            value = self.evaluate(pair.value, scope)
            # Which of singular and plural is shown is not known: what both name is used.
            name = pair.key.value if isinstance(pair.key, nodes.Const) else None
            if all(f"%({name})" in text for text in texts):
                self.use(value, pair.value, scope)
        return UNKNOWN

    def _operation(self, name: str, operands: Sequence[nodes.Node], scope: Scope) -> Value:
        return ("op", name, tuple(self.evaluate_used(operand, scope) for operand in operands))

    def _concat(self, node: nodes.Concat, scope: Scope) -> Value:
        return self._operation("~", node.nodes, scope)

    def _sequence(self, node: Any, scope: Scope) -> Value:
        return ("list", tuple(self.evaluate(item, scope) for item in node.items))

    def _dict(self, node: nodes.Dict, scope: Scope) -> Value:
        for pair in node.items:
            self.evaluate_used(pair.key, scope)
            self.evaluate(pair.value, scope)
        return ("const", bool(node.items), "dict") if not node.items else UNKNOWN

    def _call(self, node: nodes.Call, scope: Scope) -> Value:
        return self.call(self.evaluate(node.node, scope), node, scope, None)

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
    formats: Sequence[nodes.Node] = [node]
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        formats = node.args[TRANSLATED.get(node.node.name, slice(0))]
    texts = [literal.value for literal in formats if isinstance(literal, nodes.Const)]
    are_texts = len(texts) == len(formats) and all(type(text) is str for text in texts)
    return texts if are_texts else []
