"""Macros and imported modules: what a name in a template can stand for besides a value."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import nodes

from mtvgen.checks.files import Stamp
from mtvgen.checks.interpreter.scopes import Scope
from mtvgen.checks.interpreter.values import UNKNOWN, Value


class Macro:
    """A macro, or the body of a call block, with the scope that it was defined in.

    Two are equal if they are the same text in the same version of the same template,
    defined in the same scope: what is known of the one is true of the other.
    """

    __slots__ = ("accepts", "identity", "name", "node", "scope", "signature")

    def __init__(self, node: nodes.Macro | nodes.CallBlock, scope: Scope) -> None:
        tree, template = scope.origin.template.tree, scope.origin.template
        self.node = node
        self.scope = scope
        self.name = getattr(node, "name", "caller")
        self.accepts = tree.specials.get(id(node), frozenset()) if tree else frozenset()
        arguments = ", ".join(argument.name for argument in node.args)
        self.signature = f"{self.name}({arguments})"
        self.identity: tuple[str, Stamp, int, int] = (
            template.name,
            template.stamp,
            id(node),
            id(scope),
        )

    @property
    def required(self) -> list[str]:
        """The names of the arguments without a default."""
        node = self.node
        return [argument.name for argument in node.args[: len(node.args) - len(node.defaults)]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Macro) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)


class TemplateModule:
    """What an import gives, `jinja2.environment.TemplateModule`: the names that a template exports.

    Attributes:
        template: The template's name.
        exports: What `from` can take from it.
        whole: Whether these are all; not so where the template's parent is computed.
    """

    __slots__ = ("exports", "key", "template", "whole")

    def __init__(self, template: str, exports: Mapping[str, Value], *, whole: bool) -> None:
        self.template = template
        self.exports = exports
        self.whole = whole
        self.key = (template, tuple(sorted(exports.items(), key=_name)), whole)

    def get(self, name: str, line: int, importer: str, why: str) -> Value:
        """One exported name; one that is not there is undefined: an error once it is used."""
        value = self.exports.get(name)
        if value is not None:
            return value
        if not self.whole:
            return UNKNOWN
        return ("undefined", why, name, importer, line, self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TemplateModule) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def _name(export: tuple[str, Value]) -> str:
    return export[0]
