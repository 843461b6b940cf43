"""Names and attributes in a template: where their values come from, and that they are used.

Copying an undefined value raises nothing. It has to be there where it is used: printed, looped
over, compared or asked for an attribute.
"""

from __future__ import annotations

from jinja2 import nodes

from mtvgen.checks.interpreter.macros import TemplateModule
from mtvgen.checks.interpreter.recording import Recorder
from mtvgen.checks.interpreter.scopes import Scope
from mtvgen.checks.interpreter.values import UNKNOWN, Value, choose


class Lookup(Recorder):
    """Looks names and attributes up, and notes what is used.

    Args:
        known: The names that every template has.
    """

    def __init__(self, known: frozenset[str]) -> None:
        super().__init__()
        self.known = known

    def look_up(self, name: str, line: int, scope: Scope) -> Value:
        """The value of a name, with Jinja2's rules of scope."""
        value = scope.find(name)
        if value is None:
            value = self._special(name, scope)
        if value is None:
            value = scope.origin.context.get(name)
        if value is None:
            value = self.from_outside(name, line, scope)
        if value[0] == "undefined":
            self.result.mentions.add(name)
        self._mention(value)
        if value[:2] == ("context", name):
            self._note_written(value[:2], scope.origin.template.name, line)
        return value

    def _note_written(self, value: Value, template: str, line: int) -> None:
        self.result.written.setdefault(value, {})[template, line] = None

    def _special(self, name: str, scope: Scope) -> Value | None:
        origin = scope.origin
        if name == "self":
            return ("self",)
        if name == "super" and origin.block is not None:
            return ("super",)
        return None

    def from_outside(self, name: str, line: int, scope: Scope) -> Value:
        """The value of a name that no template has set."""
        context = scope.origin.context
        if context.view:
            file = context.hidden.get(name)
            return ("context", name, file) if file else ("context", name)
        if name in self.known:
            return ("global", name)
        return ("undefined", "no-context", name, scope.origin.template.name, line, "")

    def _mention(self, value: Value) -> None:
        """What is read counts as used, wherever it is handed on to."""
        if value[0] == "context":
            self.result.mentions.add(value[1])
        elif value[0] == "either":
            self._mention(value[2])
            self._mention(value[3])
        elif value[0] == "maybe_set":
            self._mention(value[1])

    def attribute(self, base: Value, name: str, node: nodes.Node, scope: Scope) -> Value:
        """`base.name`, as Jinja2 looks it up."""
        kind = base[0]
        if kind == "either":
            _, test, then, otherwise = base
            sides = []
            for wanted, side in ((True, then), (False, otherwise)):
                with self.under(test, wanted) as reachable:
                    sides.append(self.attribute(side, name, node, scope) if reachable else UNKNOWN)
            return choose(test, *sides)
        if kind == "maybe_set":
            with self.as_maybe_set():
                return ("maybe_set", self.attribute(base[1], name, node, scope))
        if kind == "module":
            module: TemplateModule = base[1]
            return module.get(name, node.lineno, scope.origin.template.name, "module")
        if kind == "self":
            return ("selfblock", name)
        self.use(base, node, scope)
        if kind == "opaque":
            return UNKNOWN
        value = ("attr", base, name)
        self._note_written(value, scope.origin.template.name, node.lineno)
        return value

    def use(self, value: Value, node: nodes.Node, scope: Scope) -> None:
        """Note that a value is needed here, so that it has to be there."""
        kind = value[0]
        if kind == "either":
            _, test, then, otherwise = value
            for wanted, side in ((True, then), (False, otherwise)):
                with self.under(test, wanted) as reachable:
                    if reachable:
                        self.use(side, node, scope)
        elif kind == "maybe_set":
            with self.as_maybe_set():
                self.use(value[1], node, scope)
        elif kind == "lazy":
            self.use(value[1], node, scope)
        elif kind in ("context", "attr", "undefined"):
            kind_of_use = "need" if kind == "context" else kind
            self.note_use(kind_of_use, value, scope.origin.template.name, node.lineno)

    def fault(self, kind: str, message: str, hint: str, scope: Scope, line: int) -> None:
        """Note something that raises where it is reached, whatever is passed."""
        self.note_use("fault", (kind, message, hint), scope.origin.template.name, line)
