"""Templates that Jinja2's parser takes, and that its compiler or Python then refuses."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.templates.tree import Tree

Refusal = tuple[str, int, str]  # the id's second half, line, message


def refusals(tree: Tree) -> Iterator[Refusal]:
    """The reasons why a template can't be compiled; unknown filters are found elsewhere."""
    for block in tree.repeated_blocks:
        first = tree.blocks[block.name].lineno
        message = f"block {block.name!r} is already on line {first}."
        yield "block-twice", block.lineno, message
    yield from _wrong_places(tree)
    yield from _doubled_arguments(tree)


def _wrong_places(tree: Tree) -> Iterator[Refusal]:
    for node in tree.misplaced:
        yield "extends-inside", node.lineno, "extends must be at the top level."
    for name in tree.loops_assigned:
        yield "loop-assigned", name.lineno, "'loop' can't be assigned in a loop."


def _doubled_arguments(tree: Tree) -> Iterator[Refusal]:
    """They become a Python function or call that Python refuses."""
    for macro in tree.all(nodes.Macro, nodes.CallBlock):
        for name in _doubled([argument.name for argument in macro.args]):
            message = f"the macro's argument {name!r} appears twice."
            yield "argument-twice", macro.lineno, message
    for call in tree.all(nodes.Call, nodes.Filter, nodes.Test):
        if len(call.kwargs) < 2:
            continue
        for name in _doubled([keyword.key for keyword in call.kwargs]):
            yield "keyword-twice", call.lineno, f"the argument {name!r} is given twice."


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
