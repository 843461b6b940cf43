"""Contents of the dicts that become `**names`, and of lists, under the names that are bound."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from mtvgen.checks import python_types as types
from mtvgen.checks.python.inference import Inference, element
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python_types import Type
from mtvgen.checks.views.calls import (
    UNKNOWN_NAMES,
    AnswerNames,
    Names,
    ParameterNames,
    ReturnedNames,
)
from mtvgen.syntax_trees import children, walk

# Methods that put more into a list or a dict.
_GROW = frozenset({"append", "appendleft", "insert", "add", "extend", "update", "setdefault"})
# What has the same type whenever a function inside reads it.
_LASTING_INSIDE = (types.Parameter, types.Name, types.Partial, types.UrlFor, types.Literal)
_LASTING_AT_THE_TOP = (types.Literal, types.Returned, types.Instance, types.Partial)


class DictNames:
    """Follows the names in dicts, statement by statement.

    Args:
        module: The file.
        sources: The project's files.
    """

    def __init__(self, module: Module, sources: Sources) -> None:
        self.module = module
        self.sources = sources
        self.types = Inference(module, sources)
        # The dicts whose names are known, by what they are called.
        self.records: dict[str, Names] = {}
        # The function that is being read; "" at the top.
        self.function = ""
        self._bound_once = module.of_code(_bound_once)

    def is_lasting(self, name: str, kind: Type) -> bool:
        """Return whether a name has this type whenever a function inside reads it."""
        if self.function:
            return isinstance(kind, _LASTING_INSIDE)
        return name in self._bound_once and isinstance(kind, _LASTING_AT_THE_TOP)

    def bind(self, target: ast.expr, kind: Type, value: ast.expr | None = None) -> None:
        """Give a target its type, and the names that it holds as a dict."""
        if isinstance(target, ast.Subscript):
            self._store_item(target, value, kind)
        elif isinstance(target, ast.Name) and value is not None:
            names = self.names_in(value)
            before = self.records.get(target.id) if self.types.branches else None
            self.records[target.id] = names | before if before is not None else names
        elif isinstance(target, ast.Name):
            self.records.pop(target.id, None)
        self.types.bind(target, kind)

    def _store_item(self, target: ast.Subscript, value: ast.expr | None, kind: Type) -> None:
        """`context["title"] = ...`, and a list that gets an element."""
        if not isinstance(target.value, ast.Name):
            return
        name = target.value.id
        key = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if name in self.records:
            added = Names({key: kind}) if isinstance(key, str) else UNKNOWN_NAMES
            self.records[name] |= added
        whole = kind if isinstance(target.slice, ast.Slice) else types.ListOf(kind)
        self.types.mix(name, element(whole))

    def note_changes(self, node: ast.expr) -> None:
        """Note what a call that is a statement puts into lists and dicts."""
        if not isinstance(node, ast.Call):
            return
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(receiver, ast.Name) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _GROW:
                self._grow(receiver.id, node.func.attr, node)
            return
        for argument in node.args:
            if isinstance(argument, ast.Name):
                self.types.mix(argument.id, None)
                if argument.id in self.records:
                    self.records[argument.id] |= UNKNOWN_NAMES

    def _grow(self, name: str, method: str, node: ast.Call) -> None:
        added = self.types.type_of(node.args[-1]) if node.args else None
        self.types.mix(name, element(added) if method in ("extend", "update") else added)
        if name not in self.records:
            return
        if method == "update":
            self.records[name] |= self._passed(node.keywords)
            for argument in node.args:
                self.records[name] |= self.names_in(argument)
        elif method == "setdefault" and node.args:
            key = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            self.records[name] |= Names({key: added}) if isinstance(key, str) else UNKNOWN_NAMES

    def names_in(self, node: ast.expr | None) -> Names:
        """Return the names that a dict holds; open where that is not known."""
        if isinstance(node, ast.Constant) and node.value is None:
            return Names()
        if isinstance(node, ast.Name):
            return self._names_of(node)
        if isinstance(node, ast.Dict):
            return self._names_of_literal(node)
        if isinstance(node, ast.BoolOp):
            return union(self.names_in(value) for value in node.values)
        if isinstance(node, ast.IfExp):
            return self.names_in(node.body) | self.names_in(node.orelse)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.names_in(node.left) | self.names_in(node.right)
        return self._names_of_call(node) if isinstance(node, ast.Call) else UNKNOWN_NAMES

    def _names_of(self, node: ast.Name) -> Names:
        kind = self.types.names.get(node.id)
        if isinstance(kind, types.Parameter) and node.id not in self.records:
            return Names(rests=(ParameterNames(kind.function, kind.name),))
        return self.records.get(node.id, UNKNOWN_NAMES)

    def _names_of_literal(self, node: ast.Dict) -> Names:
        names = Names()
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                names |= self.names_in(value)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                names |= Names({key.value: self.types.type_of(value)})
            else:
                names |= UNKNOWN_NAMES
        return names

    def _names_of_call(self, node: ast.Call) -> Names:
        kind = self.types.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if isinstance(kind, types.Parameter):
            return Names(rests=(AnswerNames(kind.function),))
        name = self.types.name_of(node.func)
        if name == "dict":
            given = union(self.names_in(argument) for argument in node.args)
            return given | self._passed(node.keywords)
        if name and self.sources.find_function(name) is not None:
            return Names(rests=(ReturnedNames(name),))
        return UNKNOWN_NAMES

    def _passed(self, keywords: Iterable[ast.keyword]) -> Names:
        """Return the names of keywords, and of what `**` passes among them."""
        names = Names()
        for keyword in keywords:
            if keyword.arg is None:
                names |= self.names_in(keyword.value)
            else:
                names |= Names({keyword.arg: self.types.type_of(keyword.value)})
        return names


def union(names: Iterable[Names]) -> Names:
    """Return the names of all together."""
    together = Names()
    for more in names:
        together |= more
    return together


def _bound_once(module: Module) -> frozenset[str]:
    """Return the names that one statement of the file's top binds, and no function changes."""
    counts: dict[str, int] = {}
    changed: set[str] = set()
    may_change = b"global" in module.source  # few files have any
    waiting: list[ast.AST] = [module.tree] if module.tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            counts[node.id] = counts.get(node.id, 0) + 1
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = walk(node) if may_change else ()
            declared = (part for part in inside if isinstance(part, ast.Global))
            changed |= {name for part in declared for name in part.names}
            continue
        waiting += children(node)
    return frozenset(name for name, count in counts.items() if count == 1) - changed
