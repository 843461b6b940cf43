"""Names and attributes in a template: where their values come from, and that they are used.

Copying an undefined value raises nothing. It has to be there where it is used: printed, looped
over, compared or asked for an attribute.
"""

from __future__ import annotations

from jinja2 import nodes

from mtvgen.checks.interpreter.recording import Recorder
from mtvgen.checks.interpreter.scopes import Frame, Module
from mtvgen.checks.interpreter.values import UNKNOWN, Value, choose


class Lookup(Recorder):
    """Looks names and attributes up, and notes what is used.

    Args:
        known: The names that every template has.
    """

    def __init__(self, known: frozenset[str]) -> None:
        super().__init__()
        self.known = known

    def look_up(self, name: str, line: int, frame: Frame) -> Value:
        """The value of a name, with Jinja2's rules of scope."""
        found = frame.find(name)
        if found is None:
            found = self._special(name, frame)
        if found is None:
            found = frame.origin.ctx.get(name)
        if found is None:
            found = self._from_outside(name, line, frame)
        if found[0] == "undefined":
            self.unit.mentions.add(name)
        self._mention(found)
        if found[:2] == ("ctx", name):
            self._note_written(found[:2], frame.origin.template.name, line)
        return found

    def _note_written(self, value: Value, template: str, line: int) -> None:
        self.unit.written.setdefault(value, {})[template, line] = None

    def _special(self, name: str, frame: Frame) -> Value | None:
        origin = frame.origin
        if name == "self":
            return ("self",)
        if name == "super" and origin.block is not None:
            return ("super",)
        return None

    def _from_outside(self, name: str, line: int, frame: Frame) -> Value:
        ctx = frame.origin.ctx
        if ctx.view:
            where = ctx.hidden.get(name)
            return ("ctx", name, where) if where else ("ctx", name)
        if name in self.known:
            return ("global", name)
        return ("undefined", "no-context", name, frame.origin.template.name, line, "")

    def _mention(self, value: Value) -> None:
        """What is read counts as used, wherever it is handed on to."""
        if value[0] == "ctx":
            self.unit.mentions.add(value[1])
        elif value[0] == "phi":
            self._mention(value[2])
            self._mention(value[3])
        elif value[0] == "soft":
            self._mention(value[1])

    def attribute(self, base: Value, name: str, node: nodes.Node, frame: Frame) -> Value:
        """`base.name`, as Jinja2 looks it up."""
        kind = base[0]
        if kind == "phi":
            _, test, then, otherwise = base
            sides = []
            for wanted, side in ((True, then), (False, otherwise)):
                with self.under(test, wanted) as reachable:
                    sides.append(self.attribute(side, name, node, frame) if reachable else UNKNOWN)
            return choose(test, *sides)
        if kind == "soft":
            with self.soft():
                return ("soft", self.attribute(base[1], name, node, frame))
        if kind == "module":
            module: Module = base[1]
            return module.get(name, node.lineno, frame.origin.template.name, "module")
        if kind == "self":
            return ("selfblock", name)
        self.use(base, node, frame)
        if kind == "opaque":
            return UNKNOWN
        value = ("attr", base, name)
        self._note_written(value, frame.origin.template.name, node.lineno)
        return value

    def use(self, value: Value, node: nodes.Node, frame: Frame) -> None:
        """Note that a value is needed here, so that it has to be there."""
        kind = value[0]
        if kind == "phi":
            _, test, then, otherwise = value
            for wanted, side in ((True, then), (False, otherwise)):
                with self.under(test, wanted) as reachable:
                    if reachable:
                        self.use(side, node, frame)
        elif kind == "soft":
            with self.soft():
                self.use(value[1], node, frame)
        elif kind == "lazy":
            self.use(value[1], node, frame)
        elif kind in ("ctx", "attr", "undefined"):
            event = "need" if kind == "ctx" else kind
            self.emit(event, value, frame.origin.template.name, node.lineno)

    def fault(self, kind: str, message: str, hint: str, frame: Frame, line: int) -> None:
        """Note something that raises where it is reached, whatever is passed."""
        self.emit("fault", (kind, message, hint), frame.origin.template.name, line)
