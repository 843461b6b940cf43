"""Macros and imported modules, and the arguments of a call matched with a macro's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import nodes

from mtvgen.checks.interpreter import values
from mtvgen.checks.interpreter.findings import MacroMistake
from mtvgen.checks.interpreter.scopes import Scope
from mtvgen.checks.interpreter.values import (
    UNKNOWN,
    Existing,
    Position,
    Reason,
    Undefined,
    Value,
)
from mtvgen.checks.report import meant_by
from mtvgen.records import record


@record(frozen=True, eq=False, slots=True)
class Macro(Existing):
    """A macro, or the body of a call block, with the scope that it was defined in.

    Two are equal if they are the same text, defined in the same scope: what is known of the one
    is true of the other.
    """

    node: nodes.Macro | nodes.CallBlock
    scope: Scope

    @property
    def accepts(self) -> frozenset[str]:
        """Which of `caller`, `kwargs` and `varargs` its body mentions."""
        tree = self.scope.origin.template.tree
        return tree.specials.get(id(self.node), frozenset()) if tree is not None else frozenset()

    @property
    def signature(self) -> str:
        """`field(name, value)`."""
        arguments = ", ".join(argument.name for argument in self.node.args)
        return f"{getattr(self.node, 'name', 'caller')}({arguments})"

    @property
    def required(self) -> list[str]:
        """The names of the arguments without a default."""
        node = self.node
        return [argument.name for argument in node.args[: len(node.args) - len(node.defaults)]]

    def __eq__(self, other: object) -> bool:
        # By identity: Jinja2 compares nodes by all that is in them.
        if not isinstance(other, Macro):
            return NotImplemented
        return self.node is other.node and self.scope is other.scope

    def __hash__(self) -> int:
        return hash((id(self.node), id(self.scope)))


@record(frozen=True, slots=True)
class TemplateModule(Existing):
    """An import, `jinja2.environment.TemplateModule`: the names that a template exports.

    Attributes:
        template: The template's name.
        exports: What `from` can take from it, sorted by name.
        whole: Whether these are all; not so where the template's parent is computed.
    """

    template: str
    exports: tuple[tuple[str, Value], ...]
    whole: bool

    def get(self, name: str, position: Position, reason: Reason) -> Value:
        """One exported name; one that is not there is undefined: an error once it is used."""
        exports = dict(self.exports)
        if name in exports:
            return exports[name]
        if not self.whole:
            return UNKNOWN
        return Undefined(reason, name, position, self.template, tuple(exports))


def bind_arguments(
    macro: Macro,
    given: Sequence[Value],
    named: Mapping[str, Value],
    dynamic: bool,
    position: Position,
) -> tuple[dict[str, Value], MacroMistake | None]:
    """Return the values of a macro's parameters, and what is wrong with the call.

    Args:
        macro: The macro.
        given: The positional arguments.
        named: The keyword arguments, `caller` among them in a call block.
        dynamic: Whether `*args` or `**kwargs` hand over more that can't be known.
        position: Where the call is.
    """
    parameters = [argument.name for argument in macro.node.args]
    left = dict(named)
    bound = dict(zip(parameters, given, strict=False))
    for name in parameters[len(given) :]:
        if name in left:
            bound[name] = left.pop(name)
        elif dynamic:
            bound[name] = UNKNOWN
        elif name in macro.required:
            bound[name] = values.Undefined(Reason.ARGUMENT, name, position, macro.signature)
    _bind_special(macro, bound, left, given, position)
    return bound, _mistake(macro, len(given), left)


def _bind_special(
    macro: Macro,
    bound: dict[str, Value],
    left: dict[str, Value],
    given: Sequence[Value],
    position: Position,
) -> None:
    """`caller`, `kwargs` and `varargs`, which a macro has if its body mentions them."""
    accepts = macro.accepts - {argument.name for argument in macro.node.args}
    if "caller" in accepts:
        missing = values.Undefined(Reason.CALLER, "caller", position, macro.signature)
        bound["caller"] = left.pop("caller", missing)
    if "kwargs" in accepts:
        bound["kwargs"] = values.KeywordArguments(tuple(left.items()))
        left.clear()
    if "varargs" in accepts:
        bound["varargs"] = values.ListLiteral(tuple(given[len(macro.node.args) :]))


def _mistake(macro: Macro, given: int, left: Mapping[str, Value]) -> MacroMistake | None:
    parameters = [argument.name for argument in macro.node.args]
    if "caller" in left:
        message = f"{macro.signature} does not use caller(), so it can't be used with call."
        return MacroMistake("templates.macro-no-caller", message)
    for name in left:
        if name in parameters:
            message = f"{macro.signature} gets {name!r} twice."
            return MacroMistake("templates.macro-keyword", message, name)
        message, meant = f"{macro.signature} has no argument {name!r}.", meant_by(name, parameters)
        return MacroMistake("templates.macro-keyword", message, name, meant)
    if given > len(parameters) and "varargs" not in macro.accepts:
        count = f"{len(parameters)} argument{'s' * (len(parameters) != 1)}"
        message = f"{macro.signature} takes {count}, not {given}."
        return MacroMistake("templates.macro-arguments", message)
    return None
