"""The expressions of a view: each is evaluated as far as it has to do with what a form sends."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace

from mtvgen.checks.reading.noting import Noting
from mtvgen.checks.reading.reads import Source, Spot
from mtvgen.checks.reading.values import (
    UNKNOWN,
    Data,
    Instance,
    Items,
    Literal,
    Record,
    Sent,
    TheRequest,
    Value,
    compared,
    constant_in,
    elements_of,
    literal_named,
    made_of,
    part_of,
)
from mtvgen.syntax_trees import children

# Methods of a text after which it is still what was sent, or less of it.
_KEEPS_TEXT = frozenset({"strip", "lstrip", "rstrip", "lower", "casefold", "upper", "title"})
# Attributes of a request that give its body in another way.
_WHOLE_BODY = frozenset({"body", "json", "environ"})
_ASKS = frozenset({"get", "getlist"})
MOST_STEPS = 20_000  # expressions of one view, its helpers included; nobody writes as many


class Expressions(Noting):
    """Evaluates expressions, under the names that are bound so far."""

    def value(self, node: ast.AST | None) -> Value:
        """Return what an expression is, and note what it reads."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            self.reads.open.update(Source)
            return UNKNOWN
        match node:
            case None:
                return UNKNOWN
            case ast.Constant():
                return Literal(node.value, Spot(self.module, node))
            case ast.Name():
                return self.names.get(node.id, UNKNOWN)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._item(node)
            case ast.Call():
                return self.call(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp():
                return self._choice_of_values(node)
            case ast.UnaryOp(op=ast.Not()):
                value = self.value(node.operand)
                return Literal(not value.value) if isinstance(value, Literal) else made_of(value)
            case ast.IfExp():
                return self._conditional(node)
            case ast.JoinedStr():
                text = self._joined(node)
                return made_of(*self._inner(node)) if text is None else Literal(text)
            case ast.Dict():
                return self._dict(node)
            case ast.NamedExpr():
                value = self.value(node.value)
                self.names[node.target.id] = value
                return value
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Lambda():
                with self.maybe():
                    self.value(node.body)
                return UNKNOWN
        return self._other(node)

    @abstractmethod
    def call(self, node: ast.Call) -> Value:
        """Return what a call gives; the statements' part follows functions of the project."""

    def _other(self, node: ast.AST) -> Value:
        """Evaluate the parts of any other expression: it gets what they are."""
        values = self._inner(node)
        if isinstance(node, ast.Tuple | ast.List):
            return Items(tuple(values))
        self.leak(*values)
        return made_of(*values)

    def _inner(self, node: ast.AST) -> list[Value]:
        return [
            self.value(child)
            for child in children(node)
            if isinstance(child, ast.expr | ast.comprehension)
        ]

    def _attribute(self, node: ast.Attribute) -> Value:
        base = self.value(node.value)
        if isinstance(base, TheRequest):
            if node.attr in (source.value for source in Source):
                return Data(Source(node.attr))
            if node.attr in _WHOLE_BODY:
                self.reads.open.update(Source)
            return Literal(self.method) if node.attr == "method" else UNKNOWN
        if isinstance(base, Data):
            self.leak(base)
        return made_of(base)

    def _item(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if isinstance(base, Data):
            return self.note_key(base, node.slice, is_required=True)
        key = self.value(node.slice)
        if isinstance(base, Record) and isinstance(key, Literal) and key.value in base.items:
            return base.items[key.value]
        elements = elements_of(base)
        if elements is not None and isinstance(key, Literal) and isinstance(key.value, int):
            is_there = -len(elements) <= key.value < len(elements)
            return elements[key.value] if is_there else UNKNOWN
        return made_of(base, key)

    def text(self, node: ast.expr) -> str | None:
        """Return the text that an expression is; None where it is computed, or something else."""
        value = self.constant(node)
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

    def constant(self, node: ast.expr) -> Value:
        """Return what an expression is, or what a name at the top of a file is bound to."""
        value = self.value(node)
        if value == UNKNOWN and isinstance(node, ast.Name | ast.Attribute):
            dotted = self.module.dotted_name(node)
            if isinstance(node, ast.Name) and node.id in self.names:
                return value
            if dotted == getattr(node, "id", ""):
                dotted = f"{self.module.name}.{dotted}"
            return literal_named(self.sources.resolve(dotted), self.sources) or value
        return value

    def _joined(self, node: ast.JoinedStr) -> str | None:
        parts = [self.piece(part) for part in node.values]
        known = [part for part in parts if part is not None]
        return "".join(known) if len(known) == len(parts) else None

    def piece(self, part: ast.expr) -> str | None:
        """Return the text of a part of an f-string; None where it is computed."""
        if isinstance(part, ast.FormattedValue):
            value = self.constant(part.value)
            is_plain = part.format_spec is None and part.conversion == -1
        else:
            value, is_plain = self.value(part), True
        is_text = isinstance(value, Literal) and isinstance(value.value, str | int)
        return str(value.value) if is_plain and is_text and isinstance(value, Literal) else None

    def _comparison(self, node: ast.Compare) -> Value:
        sides = [self.constant(side) for side in (node.left, *node.comparators)]
        asked = [
            self.note_key(data, written, is_required=False)
            for operator, written, data in zip(
                node.ops, (node.left, *node.comparators), sides[1:], strict=False
            )
            if isinstance(operator, ast.In | ast.NotIn) and isinstance(data, Data)
        ]
        if asked:
            return made_of(*sides, *asked)
        left, right = constant_in(sides[0]), constant_in(sides[1])
        if len(node.ops) == 1 and left is not None and right is not None:
            return compared(node.ops[0], left.value, right.value)
        return made_of(*sides)

    def _choice_of_values(self, node: ast.BoolOp) -> Value:
        """`a and b`, `a or b`: what follows the first is not always reached."""
        first, *others = node.values
        values = [self.value(first)]
        is_and = isinstance(node.op, ast.And)
        for other in others:
            last = values[-1]
            if isinstance(last, Literal) and bool(last.value) is not is_and:
                return last
            if isinstance(last, Literal):
                values[-1] = self.value(other)
                continue
            with self.maybe():
                values.append(self.value(other))
        if len(values) == 1:
            return values[0]
        if not is_and and len(values) == 2 and isinstance(values[0], Sent):
            if values[1] == Literal(None):
                return replace(values[0], has_null=True)
            if isinstance(values[1], Literal):
                return values[0]
        self.leak(*(value for value in values[1:] if isinstance(value, Data | TheRequest)))
        return made_of(*values)

    def _conditional(self, node: ast.IfExp) -> Value:
        test = self.value(node.test)
        if isinstance(test, Literal):
            return self.value(node.body if test.value else node.orelse)
        with self.maybe():
            values = self.value(node.body), self.value(node.orelse)
        if values[0] == values[1]:
            return values[0]
        sent = [value for value in values if isinstance(value, Sent)]
        if len(sent) == 1 and Literal(None) in values:
            return replace(sent[0], has_null=True)
        self.leak(*(value for value in values if isinstance(value, Data | TheRequest)))
        return made_of(test, *values)

    def _dict(self, node: ast.Dict) -> Value:
        items: dict[str, Value] = {}
        is_known = True
        for key, written in zip(node.keys, node.values, strict=True):
            value = self.value(written)
            text = self.text(key) if key is not None else None
            if text is not None and not isinstance(value, Data | TheRequest):
                items[text] = value
            elif key is None and isinstance(value, Record):
                items |= value.items
            else:
                self.leak(value)
                is_known = False
        return Record(items) if is_known else made_of(*items.values())

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        names, is_sure = dict(self.names), self.is_sure
        items: dict[str, Value] = {}
        others: list[Value] = []

        def turn() -> None:
            if not isinstance(node, ast.DictComp):
                others.append(self.value(node.elt))
                return
            key, value = self.text(node.key), self.value(node.value)
            if key is None:
                others.append(value)
            else:
                items[key] = value

        self._turns(node.generators, turn)
        self.names, self.is_sure = names, is_sure
        if isinstance(node, ast.DictComp) and items and not others:
            return Record(items)
        self.leak(*others)
        return made_of(*items.values(), *others)

    def _turns(self, generators: list[ast.comprehension], turn: Callable[[], None]) -> None:
        if not generators:
            turn()
            return
        generator, *others = generators
        for is_known in self.loop(generator.target, generator.iter):
            is_sure = self.is_sure
            self.is_sure = is_sure and is_known and not generator.ifs
            for test in generator.ifs:
                self.value(test)
            self._turns(others, turn)
            self.is_sure = is_sure

    def loop(self, target: ast.expr, iterated: ast.expr) -> Iterator[bool]:
        """Bind a loop's target, for each turn; yields whether it is known that there is one."""
        source = self.constant(iterated)
        elements = elements_of(source)
        if elements is None:
            self.leak(source)
            self.bind(target, made_of(source))
            yield False
            return
        for element in elements:
            self.bind(target, element)
            yield True

    def bind(self, target: ast.AST, value: Value) -> None:
        """Give a target its value."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for index, part in enumerate(target.elts):
                self.bind(part, part_of(value, index))
        elif isinstance(target, ast.Starred):
            self.bind(target.value, UNKNOWN)
        elif isinstance(target, ast.Attribute):
            base = self.value(target.value)
            if isinstance(base, Instance):
                self.note_flow(base.model, target.attr, value, target)
            self.leak(value)
        elif isinstance(target, ast.Subscript):
            self._store_item(target, value)

    def _store_item(self, target: ast.Subscript, value: Value) -> None:
        base, key = self.value(target.value), self.text(target.slice)
        if isinstance(base, Record) and key is not None and isinstance(target.value, ast.Name):
            self.names[target.value.id] = Record({**base.items, key: value})
        else:
            self.leak(value)
