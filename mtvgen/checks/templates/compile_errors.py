"""Templates that Jinja2's parser refuses, or its compiler, or Python after them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import jinja2
from jinja2 import nodes

from mtvgen.checks.places import Place, Text
from mtvgen.checks.report import Problem
from mtvgen.checks.templates.parsing.marks import line_of
from mtvgen.checks.templates.parsing.tokens import Tokens
from mtvgen.checks.templates.tree import Tree
from mtvgen.runtime.templates.syntax_errors import explain_syntax


def syntax_problem(
    text: Text, environment: jinja2.Environment, error: jinja2.TemplateSyntaxError
) -> Problem:
    """Return why a template can't be parsed, where its parser says so."""
    mark, error.lineno = error.lineno, line_of(error.lineno)
    line, message = explain_syntax(error, text.text, environment)
    # Where a block was opened is known by its line alone.
    is_here = line == line_of(mark)
    place = Tokens(text, environment).place(mark) if is_here else Place.at(text.file, line)
    return Problem("templates.syntax", place, message)


class Refusal(NamedTuple):
    """Why a template can't be compiled.

    Attributes:
        kind: The second half of the problem's id.
        node: What is wrong.
        message: The sentence.
        first: What is there already; else None.
    """

    kind: str
    node: nodes.Node
    message: str
    first: nodes.Node | None = None


def refusals(tree: Tree) -> Iterator[Refusal]:
    """Yield the reasons why a template can't be compiled; unknown filters are found elsewhere."""
    for block in tree.repeated_blocks:
        first = tree.blocks[block.name]
        message = f"block {block.name!r} is already on line {line_of(first.lineno)}."
        yield Refusal("block-twice", block, message, first)
    yield from _wrong_places(tree)
    yield from _doubled_arguments(tree)


def _wrong_places(tree: Tree) -> Iterator[Refusal]:
    for node in tree.misplaced:
        yield Refusal("extends-inside", node, "extends must be at the top level.")
    for name in tree.loops_assigned:
        yield Refusal("loop-assigned", name, "'loop' can't be assigned in a loop.")


def _doubled_arguments(tree: Tree) -> Iterator[Refusal]:
    """They become a Python function or call that Python refuses."""
    for macro in tree.all(nodes.Macro, nodes.CallBlock):
        for argument in _doubled(macro.args, "name"):
            message = f"the macro's argument {argument.name!r} appears twice."
            yield Refusal("argument-twice", argument, message)
    for call in tree.all(nodes.Call, nodes.Filter, nodes.Test):
        if len(call.kwargs) < 2:
            continue
        for keyword in _doubled(call.kwargs, "key"):
            message = f"the argument {keyword.key!r} is given twice."
            yield Refusal("keyword-twice", keyword, message)


def _doubled(named: Iterable[Any], attribute: str) -> list[Any]:
    """Return the second node of each name that several have."""
    by_name: dict[str, list[Any]] = {}
    for node in named:
        by_name.setdefault(getattr(node, attribute), []).append(node)
    return [same[1] for _, same in sorted(by_name.items()) if len(same) > 1]
