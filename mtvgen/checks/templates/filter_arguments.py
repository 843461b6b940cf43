"""Arguments of filters and tests, by the signatures of the functions behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import nodes
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.parameters import CallMistake, Parameters, call_mistake, written_parameters
from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree

# Filters of Jinja2 whose arguments of these names are numbers.
_NUMBERS = {
    "batch": {"linecount"},
    "center": {"width"},
    "round": {"precision"},
    "slice": {"slices"},
    "truncate": {"length", "leeway"},
    "wordwrap": {"width"},
}
# Filters that take an attribute by name alone: what comes first means something else.
_BY_ATTRIBUTE = frozenset({"max", "min", "sort", "unique"})


def argument_problems(template: Template, tree: Tree, fact: EnvironmentFact) -> Iterator[Problem]:
    """Yield the calls of filters and tests that raise, or do something other than they say."""
    for node in tree.all(nodes.Filter, nodes.Test):
        own = fact.filter_parameters if isinstance(node, nodes.Filter) else fact.test_parameters
        has_any = node.args or node.kwargs or node.dyn_args or node.dyn_kwargs
        if has_any or node.name in own or node.name in _MAY_NEED:
            problem = _problem(template, node, own)
            if problem is not None:
                yield problem


# Filters and tests of Jinja2 that have to be given something.
_MAY_NEED = frozenset({"attr", "batch", "groupby", "replace", "slice", "divisibleby", "sameas"})


def _problem(
    template: Template, node: nodes.Filter | nodes.Test, own: Mapping[str, Parameters | None]
) -> Problem | None:
    is_filter = isinstance(node, nodes.Filter)
    is_own = node.name in own
    parameters = own[node.name] if is_own else _built_in(node.name, is_filter=is_filter)
    if parameters is None:
        return None
    kind = f"templates.{'filter' if is_filter else 'test'}-arguments"
    is_open = node.dyn_args is not None or node.dyn_kwargs is not None
    keywords: list[Any] = [*node.kwargs]
    names = [keyword.key for keyword in keywords]
    mistake = call_mistake(node.name, parameters, len(node.args), names, is_open=is_open)
    if mistake is not None:
        place = template.place(_wrong_part(node, mistake))
        return Problem(kind, place, mistake.message, meant=mistake.meant)
    return None if is_own else _wrong_type(template, node, kind, parameters)


def _wrong_part(node: nodes.Filter | nodes.Test, mistake: CallMistake) -> nodes.Node:
    """Return what a mistake is about: an argument; the last one, if one is missing behind it."""
    keywords: list[Any] = [*node.kwargs]
    if mistake.keyword:
        keyword: nodes.Node = next(one for one in keywords if one.key == mistake.keyword)
        return keyword
    if mistake.index >= 0:
        positional: list[nodes.Expr] = node.args
        return positional[mistake.index]
    return node.args[-1] if node.args else node


def _wrong_type(
    template: Template, node: nodes.Filter | nodes.Test, kind: str, parameters: Parameters
) -> Problem | None:
    """Return the problem of a literal text where a filter of Jinja2 takes something else."""
    keywords: list[Any] = [*node.kwargs]
    given = [*zip(parameters.positional, node.args, strict=False)]
    given += [(keyword.key, keyword.value) for keyword in keywords]
    for name, value in given:
        if not isinstance(value, nodes.Const) or not isinstance(value.value, str):
            continue
        if name in _NUMBERS.get(node.name, ()):
            message = f"{node.name}() takes a number for {name}, not {value.value!r}."
            return Problem(kind, template.place(value), message, "Leave the quotes out.")
        if node.name in _BY_ATTRIBUTE and name in ("reverse", "case_sensitive"):
            message = f"{node.name}({value.value!r}) takes this for {name}."
            hint = arrow(f'{node.name}(attribute="{value.value}")')
            return Problem(kind, template.place(value), message, hint)
    return None


@cache
def _built_in(name: str, *, is_filter: bool) -> Parameters | None:
    """Return the parameters of a filter or a test of Jinja2's own."""
    functions: dict[str, Any] = FILTERS if is_filter else TESTS
    function = functions.get(name)
    return written_parameters(function) if function is not None else None
