"""What the expressions of a file ask of objects, noted as they are read."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.uses import Answer, AttributeUse, Call, Condition, NamedUse, Uses
from mtvgen.checks.python.inference import CAUGHT, COPIES, Inference
from mtvgen.checks.python.runtime_names import dotted_names, is_of_runtime
from mtvgen.checks.python_types import Type
from mtvgen.runtime import get_or_404, json_response
from mtvgen.syntax_trees import walk

# Functions that are given the name of an attribute in quotes.
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "attrgetter"})
_GET_OR_404 = dotted_names(get_or_404)
_JSON_RESPONSE = dotted_names(json_response)
# Methods of forms that take the request or the session, and methods of much else.
_OF_FORMS = frozenset({"read", "read_query", "read_json", "save"})
_COLUMNS = frozenset({"sqlalchemy.orm.mapped_column", "sqlalchemy.Column"})
# What gives another value each time that it is called.
_NEW_EACH_TIME = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"}
    | {"datetime.date.today", "time.time", "uuid.uuid1", "uuid.uuid4", "random.random"}
    | {"secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe"}
)
# Methods of a Response that are called nowhere else.
_OF_RESPONSES = frozenset({"set_cookie", "delete_cookie"})


class UseReader:
    """Notes the uses in expressions, under the names that are bound so far.

    Args:
        inference: The types of the names.
    """

    def __init__(self, inference: Inference) -> None:
        self.uses = Uses()
        self._types = inference
        # Names that a loop binds again further down, so that they may hold that already.
        self._unsettled: set[str] = set()
        # Inside of a `try` for a missing attribute.
        self.is_guarded = False

    def note_attribute(self, node: ast.Attribute) -> None:
        """Note an attribute that is read."""
        owner = self._owner(node)
        if owner is None or self.is_guarded:
            self.uses.unknown.add((node.attr, _called(node.value)))
        elif not isinstance(owner, types.Literal):
            self.uses.reads.append(AttributeUse(node, owner))

    def note_target(self, node: ast.expr, *, is_augmented: bool = False) -> None:
        """Note the attributes that an assignment stores; one like `+=` reads them first."""
        if isinstance(node, ast.Tuple | ast.List):
            for item in node.elts:
                self.note_target(item)
        elif isinstance(node, ast.Starred):
            self.note_target(node.value)
        elif isinstance(node, ast.Attribute) and is_augmented:
            self.note_attribute(node)
        elif isinstance(node, ast.Attribute):
            owner = self._owner(node)
            if owner is None and _called(node.value) != "self":  # whose class has it then
                self.uses.stored_anywhere.add(node.attr)
            elif owner is not None:
                self.uses.stores.append(AttributeUse(node, owner))

    def note_call(self, node: ast.Call) -> None:
        """Note a call that makes an object or looks for some."""
        name = _called(node.func)
        if name in _BY_NAME:
            texts = [part for part in node.args if isinstance(part, ast.Constant)]
            named = [part for part in texts if isinstance(part.value, str)]
            owner = self._types.type_of(node.args[0]) if name != "attrgetter" and named else None
            self.uses.named += [NamedUse(part, owner) for part in named]
            names = [str(part.value) for part in named]
            self.uses.unknown.update((text, "") for text in names)
            self.uses.stored_anywhere.update(names if name == "setattr" else ())
        elif name == "_replace" and isinstance(node.func, ast.Attribute):
            self.uses.copied.append(Call(node, self._types.type_of(node.func.value)))
        elif name == "replace" and node.args and self._types.name_of(node.func) in COPIES:
            self.uses.copied.append(Call(node, self._types.type_of(node.args[0])))
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "filter_by":
            chain = self._types.type_of(node.func.value)
            if isinstance(chain, types.Select) and not chain.is_joined:
                self.uses.filtered.append(Call(node, chain.entity))
        elif name in _OF_RESPONSES and isinstance(node.func, ast.Attribute):
            self.uses.of_runtime.append(Call(node, self._types.type_of(node.func.value)))
        elif name in _OF_FORMS and isinstance(node.func, ast.Attribute):
            if not node.args and not node.keywords:
                self.uses.of_forms.append(Call(node, self._types.type_of(node.func.value)))
        else:
            self._note_named(node, self._types.name_of(node.func))

    def _note_named(self, node: ast.Call, name: str) -> None:
        """Note a call of something by its dotted name."""
        if name in _GET_OR_404:
            second = self._types.type_of(node.args[1]) if len(node.args) > 1 else None
            self.uses.looked_up.append(Call(node, second))
            return
        if is_of_runtime(name):
            self.uses.of_runtime.append(Call(node, types.Name(name)))
            if name in _JSON_RESPONSE and node.args:
                self.note_json(node.args[0], "")
            self.uses.caught += [one for one in node.args if self._types.type_of(one) == CAUGHT]
            return
        if name and node.args and _is_of_request(node.args[0]):
            self.uses.of_forms.append(Call(node, types.Name(name)))
        if node.keywords:
            if name in _COLUMNS:
                self.uses.called_once += filter(self._is_called_once, node.keywords)
            called = self._types.type_of(node.func)
            if isinstance(called, types.Name):
                self.uses.made.append(Call(node, called))

    def _is_called_once(self, keyword: ast.keyword) -> bool:
        is_default = keyword.arg in ("default", "onupdate", "insert_default")
        called = keyword.value.func if isinstance(keyword.value, ast.Call) else None
        return is_default and called is not None and self._types.name_of(called) in _NEW_EACH_TIME

    def note_condition(self, node: ast.Compare | ast.BoolOp | ast.UnaryOp) -> None:
        """Note a condition, if Python decides it by what may be a column."""
        for part in _decided(node):
            column = _column(part)
            name = self._types.name_of(column.value) if column is not None else ""
            if column is not None and name:
                self.uses.conditions.append(Condition(node, column, types.Name(name)))
                return

    def note_answer(self, node: ast.expr, function: str) -> None:
        """Note what a function returns."""
        kind = self._types.type_of(node)
        if kind is not None:
            self.uses.answers.append(Answer(function, node, kind))
        if isinstance(node, ast.Dict | ast.List) or isinstance(kind, types.ListOf | types.DictOf):
            self.note_json(node, function)

    def note_json(self, node: ast.expr, function: str) -> None:
        """Note what is to be written as JSON: the values in it that are not lists and dicts."""
        if isinstance(node, ast.Dict | ast.List):
            for value in node.values if isinstance(node, ast.Dict) else node.elts:
                self.note_json(value, function)
        elif (kind := self._types.type_of(node)) is not None:
            self.uses.as_json.append(Answer(function, node, kind))

    def _owner(self, node: ast.Attribute) -> Type:
        if self._unsettled and any(
            isinstance(part, ast.Name) and part.id in self._unsettled for part in walk(node.value)
        ):
            return None
        owner = self._types.type_of(node.value)
        if isinstance(owner, types.DatabaseSession) and isinstance(node.value, ast.Attribute):
            # Whatever is called `db` may be a session; that of a request is one.
            holder = self._types.type_of(node.value.value)
            return types.Attribute(holder, "db") if holder is not None else None
        return owner

    def enter_loop(self, loop: ast.stmt) -> set[str]:
        """Begin the body of a loop: a name that it binds again may hold what its end has bound.

        Returns:
            The names that were unsettled before, for `leave_loop()`.
        """
        before = set(self._unsettled)
        bound = {
            part.id
            for part in walk(loop)
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
        }
        self._unsettled |= {name for name in bound if self._types.names.get(name) is not None}
        return before

    def leave_loop(self, before: set[str]) -> None:
        """End the body of a loop."""
        self._unsettled = before

    def settle(self, targets: Sequence[ast.expr], value: ast.expr | None) -> None:
        """Note that names are bound, of something that is settled itself or is not."""
        if not self._unsettled:
            return
        bound = {
            part.id for target in targets for part in walk(target) if isinstance(part, ast.Name)
        }
        read = {part.id for part in walk(value) if isinstance(part, ast.Name)} if value else set()
        if read & self._unsettled:
            self._unsettled |= bound
        else:
            self._unsettled -= bound


def _called(node: ast.expr) -> str:
    """Return the last name of an expression: `author` for `book.author`; empty for a call."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_of_request(node: ast.expr) -> bool:
    """`request`, `request.form`."""
    node = node.value if isinstance(node, ast.Attribute) else node
    return isinstance(node, ast.Name) and node.id == "request"


def _decided(node: ast.Compare | ast.BoolOp | ast.UnaryOp) -> list[ast.expr]:
    """Return the parts of a condition whose truth Python itself looks at.

    Of `a and b` that is `a` alone.
    """
    if isinstance(node, ast.BoolOp):
        return node.values[:-1]
    if isinstance(node, ast.UnaryOp):
        return [node.operand] if isinstance(node.op, ast.Not) else []
    operator, value = node.ops[0], node.comparators[0]
    # `column is Note.draft` asks which column it is, and is meant so.
    is_constant = isinstance(operator, ast.Is | ast.IsNot) and isinstance(value, ast.Constant)
    is_decided = is_constant or isinstance(operator, ast.In | ast.NotIn)
    return [node.left] if is_decided and len(node.ops) == 1 else []


def _column(node: ast.expr) -> ast.Attribute | None:
    """Return `Note.stock` of `Note.stock > 3` and of itself."""
    while isinstance(node, ast.Compare):
        node = node.left
    return node if isinstance(node, ast.Attribute) else None
