"""Macros that a page calls by a name that is written out: its own, a parent's, imported."""

from __future__ import annotations

from jinja2 import nodes

from mtvgen.checks.markup.pieces import Expression, Names
from mtvgen.checks.templates.file_rules import Chain
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.records import record


@record(frozen=True, eq=False)
class Macro:
    """A macro, and the template that it is written in."""

    node: nodes.Macro
    template: Template

    def bind(self, call: nodes.Call, template: Template, names: Names) -> Names:
        """Return what its parameters stand for in a call."""
        parameters = [argument.name for argument in self.node.args]
        bound: dict[str, Expression] = {}
        for parameter, argument in zip(parameters, call.args, strict=False):
            bound[parameter] = Expression(argument, template, names)
        for keyword in call.kwargs:
            if keyword.key in parameters:
                bound[keyword.key] = Expression(keyword.value, template, names)
        if call.dyn_args is None and call.dyn_kwargs is None:
            defaults = self.node.defaults
            optional = parameters[len(parameters) - len(defaults) :]
            for parameter, default in zip(optional, defaults, strict=True):
                if parameter not in bound:
                    value = Expression(default, self.template, bound)
                    bound = {**bound, parameter: value}
        return bound


class Macros:
    """Finds the macros that names stand for.

    Args:
        chain: The page and its parents, which share their names.
        store: All templates.
    """

    def __init__(self, chain: Chain, store: Store) -> None:
        self._chain = chain
        self._store = store

    def find(self, called: nodes.Expr, template: Template) -> Macro | None:
        """Return the macro that is called in a template; None if that is not known."""
        if isinstance(called, nodes.Name):
            for place in (template, *self._chain):
                macro = self._of_name(called.name, place) if place is not None else None
                if macro is not None:
                    return macro
        if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
            for place in (template, *self._chain):
                module = self._module(called.node.name, place) if place is not None else None
                if module is not None:
                    return self._of_name(called.attr, module)
        return None

    def _of_name(self, name: str, template: Template, depth: int = 0) -> Macro | None:
        tree = template.tree
        if tree is None or depth > 5:
            return None
        own = [macro for macro in tree.all(nodes.Macro) if macro.name == name]
        if own:
            return Macro(own[-1], template) if len(own) == 1 else None
        for node in tree.all(nodes.FromImport):
            for imported in node.names:
                source, target = imported if isinstance(imported, tuple) else (imported, imported)
                if target == name:
                    module = self._named(node.template, template)
                    return self._of_name(source, module, depth + 1) if module else None
        return None

    def _module(self, name: str, template: Template) -> Template | None:
        if template.tree is None:
            return None
        for node in template.tree.all(nodes.Import):
            if node.target == name:
                return self._named(node.template, template)
        return None

    def _named(self, name: nodes.Expr, template: Template) -> Template | None:
        if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
            return None
        return self._store.get(self._store.resolve(name.value, template.name))
