"""What names of templates hold that is more than a value: modules, namespaces, macros."""

from __future__ import annotations

from collections.abc import Mapping

from mtvgen.checks.uses.names.template_names import (
    Bound,
    CallOf,
    Imported,
    Member,
    NameScope,
    Read,
    TemplateNames,
)
from mtvgen.records import record


@record(frozen=True, eq=False)
class MacroIn:
    """A macro, and the template that it is in."""

    template: str
    name: Bound
    parameters: NameScope


class Held:
    """What names hold that are more than values, by these names: each with its template."""

    def __init__(self, templates: Mapping[str, TemplateNames]) -> None:
        self.modules: dict[str, list[tuple[str, Bound, tuple[str, ...]]]] = {}
        self.namespaces: dict[str, list[tuple[str, Bound, CallOf]]] = {}
        self.namespaces_by_call: dict[int, list[tuple[str, Bound, CallOf]]] = {}
        self.macros: dict[str, list[MacroIn]] = {}
        self.aliases: dict[str, list[tuple[str, Bound, Read | Member | Imported]]] = {}
        for template, names in templates.items():
            for bound, modules in names.modules:
                self.modules.setdefault(bound.name, []).append((template, bound, modules))
            for bound, call in names.namespaces:
                self.namespaces.setdefault(bound.name, []).append((template, bound, call))
                self.namespaces_by_call.setdefault(id(call), []).append((template, bound, call))
            for macro in names.macros:
                found = MacroIn(template, macro.name, macro.parameters)
                self.macros.setdefault(macro.name.name, []).append(found)
            for bound, meant in names.aliases:
                self.aliases.setdefault(bound.name, []).append((template, bound, meant))
