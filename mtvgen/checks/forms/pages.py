"""The forms of each template: those that it writes itself, also by way of includes and macros.

A page is its template's blocks and its parents' files, so a form of `base.html` is looked at once
and not with each page; only where a form has blocks in it are whole pages read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from jinja2 import nodes

from mtvgen.checks.forms.controls import Control, Form, forms_of, strays_of
from mtvgen.checks.markup.pages import markup_of_blocks, markup_of_page
from mtvgen.checks.python.module import Module
from mtvgen.checks.templates.file_rules import chain_of
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.records import record

_FORM = re.compile(r"<form\b", re.IGNORECASE)
_CONTROL = re.compile(r"\bform\s*=", re.IGNORECASE)
# Roots of packages that make no markup: a value of theirs has no controls in it.
_MAKE_NO_MARKUP = frozenset({"mtvgen", "sqlalchemy", "alembic", "jinja2"})


@record(frozen=True, eq=False)
class Part:
    """What one template adds to pages.

    Attributes:
        template: The template.
        forms: The forms that it writes.
        strays: Controls that name a form by its id.
    """

    template: Template
    forms: tuple[Form, ...]
    strays: tuple[tuple[str, Control], ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all its controls."""
        names = {name for control in self._controls for name in control.names or ()}
        return frozenset(names | {control.drawn for control in self._controls})

    @cached_property
    def starts(self) -> frozenset[str]:
        """How the names begin that are computed."""
        return frozenset(
            control.start
            for control in self._controls
            if control.names is None and not control.drawn
        )

    @cached_property
    def _controls(self) -> list[Control]:
        own = [control for form in self.forms for control in form.controls]
        return own + [control for _, control in self.strays]


@dataclass(eq=False)
class KeptPart:
    """A part, and what it was made from.

    Attributes:
        part: The part; None where there are no forms.
        sources: The template, and all that it includes and imports.
        above: The names of its parents, each with what it takes from them.
        absent: The templates that one of these names, and that were not there.
        may_be_markup: Whether a value of the project may be markup.
        current_at: The version of the store at which these were last seen to be the same.
    """

    part: Part | None
    sources: tuple[Template, ...]
    above: tuple[tuple[str, object], ...]
    absent: frozenset[str]
    may_be_markup: bool
    current_at: int

    @cached_property
    def _names(self) -> frozenset[str]:
        sources = {source.name for source in self.sources}
        return self.absent.union(sources, (name for name, _ in self.above))

    def is_current(self, template: Template, store: Store) -> bool:
        """Return whether all that it was made from is the same."""
        if self.sources[0] is not template:
            return False
        is_current = store.is_as_at(self.current_at, self._names) or (
            all(store.get(source.name) is source for source in self.sources)
            and all(taken == _taken_from(store.get(name), template) for name, taken in self.above)
            and all(store.get(name) is None for name in self.absent)
        )
        self.current_at = store.version if is_current else self.current_at
        return is_current


def part_of(template: Template, store: Store, *, may_be_markup: bool) -> KeptPart:
    """Return what a template adds to the pages that it is in.

    Args:
        template: The template.
        store: All templates.
        may_be_markup: Whether a value of the project may be markup.
    """
    above = [parent for parent in chain_of(template, store)[1:] if parent is not None]
    taken = tuple((parent.name, _taken_from(parent, template)) for parent in above)
    sources = tuple(sources_of(template, store))
    absent = {name for one in (*sources, *above) for name in _absent(one, store)}
    is_around = any(parent.once(_surrounds_block) for parent in above)
    part = None
    if is_around or has_forms(sources):
        markup = markup_of_page(template, store) if is_around else markup_of_blocks(template, store)
        forms = tuple(forms_of(markup, may_be_markup=may_be_markup))
        if not all(_is_complete(source, store) for source in sources):
            for form in forms:
                form.is_open = True
        part = Part(template, forms, tuple(strays_of(markup)))
    return KeptPart(part, sources, taken, frozenset(absent), may_be_markup, store.version)


def _taken_from(parent: Template | None, template: Template) -> object:
    """Return what a template takes from a parent: all, or the macros that it may call."""
    if parent is None or template.once(_shows_parents) or parent.once(_surrounds_block):
        return parent
    return parent.once(_macros_in)


def _shows_parents(template: Template) -> bool:
    """Whether a template shows blocks of its parents: `super()`, `self.title()`."""
    specials = template.tree.specials.values() if template.tree is not None else ()
    return any("super" in names or "self" in names for names in specials)


def _macros_in(template: Template) -> tuple[object, ...]:
    """The macros and the imports of a template, with their places."""
    tree = template.tree
    if tree is None:
        return ()
    kinds = (nodes.Macro, nodes.Import, nodes.FromImport, nodes.Extends)
    return tuple((node.lineno, repr(node)) for node in tree.all(*kinds))


def _is_complete(template: Template, store: Store) -> bool:
    """Return whether a template could be read, and those that it names are there."""
    return template.tree is not None and not list(_absent(template, store))


def _absent(template: Template, store: Store) -> Iterator[str]:
    """Yield the templates that one names, and that are not there."""
    names = (store.resolve(name, template.name) for name in template.once(_named))
    return (name for name in names if store.get(name) is None)


def sources_of(template: Template, store: Store) -> Iterator[Template]:
    """Yield a template and all that it includes and imports."""
    waiting, seen = [template], {template.name}
    while waiting:
        current = waiting.pop()
        yield current
        for name in current.once(_named):
            resolved = store.resolve(name, current.name)
            other = store.get(resolved) if resolved not in seen else None
            seen.add(resolved)
            if other is not None:
                waiting.append(other)


def _named(template: Template) -> tuple[str, ...]:
    """The names of templates that one includes or imports, as far as they are written out."""
    tree = template.tree
    if tree is None:
        return ()
    return tuple(
        constant.value
        for node in tree.all(nodes.Include, nodes.Import, nodes.FromImport)
        for constant in (node.template, *node.template.find_all(nodes.Const))
        if isinstance(constant, nodes.Const) and isinstance(constant.value, str)
    )


def has_forms(sources: Iterable[Template]) -> bool:
    """Return whether a form is written in one of some templates."""
    return any(template.once(_writes_form) for template in sources)


def _writes_form(template: Template) -> bool:
    return bool(_FORM.search(template.source) or _CONTROL.search(template.source))


def _surrounds_block(template: Template) -> bool:
    begin = re.escape(template.environment.block_start_string)
    pattern = rf"(?is)<form\b(?:(?!</form\b).)*?{begin}[-+]?\s*block\b"
    return re.search(pattern, template.source) is not None


def may_make_markup(modules: Iterable[Module], is_own: frozenset[str]) -> bool:
    """Return whether a value of the project may be markup: from a package that makes some.

    Args:
        modules: The project's files.
        is_own: The names of its packages and files at the top.
    """
    return any(_may_make_markup(module, is_own) for module in modules)


@lru_cache(maxsize=4096)
def _may_make_markup(module: Module, is_own: frozenset[str]) -> bool:
    roots = {name.partition(".")[0] for name in module.top.imports}
    foreign = roots - _MAKE_NO_MARKUP - is_own - sys.stdlib_module_names
    return bool(foreign) or b"__html__" in module.source or b"Markup" in module.source
