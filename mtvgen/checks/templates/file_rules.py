"""Mistakes in one template: names that nobody registered, blocks never shown, loops of parents."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, arrow, meant_by
from mtvgen.checks.templates.filter_arguments import argument_problems
from mtvgen.checks.templates.loop_counts import count_problems
from mtvgen.checks.templates.mixing import mixing_problems
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree
from mtvgen.runtime.support.other_frameworks import FILTERS


def template_problems(
    template: Template,
    store: Store,
    filters: frozenset[str] | None,
    tests: frozenset[str] | None,
    fact: EnvironmentFact | None = None,
) -> list[Problem]:
    """Return what keeps it from being compiled or shown."""
    problems = list(template.problems)
    tree = template.tree
    if tree is None:
        return problems

    for sort, known in (("filter", filters), ("test", tests)):
        for node in tree.all(nodes.Filter if sort == "filter" else nodes.Test):
            if known is not None and node.name not in known and not _is_late(tree, node):
                problems.append(unknown_name(sort, node.name, template.place(node), store))
    if fact is not None:
        problems += argument_problems(template, tree, fact)
    problems += count_problems(template, tree)
    return [*problems, *mixing_problems(template)]


def _is_late(tree: Tree, node: nodes.Node) -> bool:
    """Return whether a filter is looked up only when it is reached, or never."""
    return id(node) in tree.guarded or id(node) in tree.dropped


def unknown_name(sort: str, name: str, place: Place, store: Store) -> Problem:
    """Return the problem of a filter or a test that nobody registered."""
    known = store.environment.filters if sort == "filter" else store.environment.tests
    message = f"no {sort} is named {name!r}."
    if sort == "filter" and name in FILTERS:
        return Problem("templates.unknown-filter", place, message, arrow(FILTERS[name]))
    return Problem(f"templates.unknown-{sort}", place, message, meant=meant_by(name, known))


Chain = tuple[Template | None, ...]


def chain_of(template: Template, store: Store) -> Chain:
    """Return a template and its parents; at the end None if one of them can't be known."""
    return tuple(_chain(template, store))


def block_problems(chain: Chain) -> Iterator[Problem]:
    """Blocks of the first template that no parent has, so they are never shown."""
    template, *above = chain
    if template is None or template.tree is None or not above or chain[-1] is None:
        return
    parents = [parent.tree for parent in above if parent is not None and parent.tree is not None]
    names = {name for tree in parents for name in tree.blocks}
    unknown = template.tree.blocks.keys() - names - template.tree.nested
    if not unknown:
        return
    for tree in (template.tree, *parents):
        unknown -= {
            node.attr
            for node in tree.all(nodes.Getattr)
            if isinstance(node.node, nodes.Name) and node.node.name == "self"
        }
    for name in sorted(unknown):
        parent = above[0].name if above[0] is not None else ""
        message = f"block {name!r} is not in {parent}, so it is never shown."
        place, meant = template.place(template.tree.blocks[name]), meant_by(name, names)
        yield Problem("templates.unknown-block", place, message, meant=meant)


def _chain(template: Template, store: Store) -> Iterator[Template | None]:
    seen: set[str] = set()
    current: Template | None = template
    while current is not None and current.tree is not None and current.name not in seen:
        yield current
        seen.add(current.name)
        parents = current.tree.by_kind.get(nodes.Extends, [])
        if not parents:
            return
        name = parents[0].template
        is_plain = (
            len(parents) == 1
            and parents[0] in current.tree.root.body
            and isinstance(name, nodes.Const)
            and isinstance(name.value, str)
        )
        current = store.get(store.resolve(name.value, current.name)) if is_plain else None
    yield None


def inheritance_loops(template: Template, store: Store) -> Iterator[Problem]:
    """Yield a template that extends itself, maybe by way of others."""
    through: list[str] = []
    current: Template | None = template
    while current is not None and current.tree is not None:
        parents = current.tree.by_kind.get(nodes.Extends, [])
        if len(parents) != 1 or not isinstance(parents[0].template, nodes.Const):
            return
        name = store.resolve(str(parents[0].template.value), current.name)
        if name == template.name:
            way = f" through {', '.join(through)}" if through else ""
            message = f"{template.name} extends itself{way}."
            parents = template.tree.by_kind[nodes.Extends] if template.tree else []
            place = template.place(parents[0].template)
            yield Problem("templates.inheritance-loop", place, message)
            return
        if name in through:
            return
        through.append(name)
        current = store.get(name)
