"""What Jinja2's parser takes and its compiler, or Python, then refuses."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.trees import Tree

Refusal = tuple[str, int, str]  # the id's second half, line, message


def refusals(tree: Tree) -> Iterator[Refusal]:
    """Why a template can't be compiled, beside unknown filters, which need the project."""
    for block in tree.repeated_blocks:
        first = tree.blocks[block.name].lineno
        message = f"block {block.name!r} is already on line {first}."
        yield "block-twice", block.lineno, message
    yield from _wrong_places(tree)
    yield from _doubled_arguments(tree)


def _wrong_places(tree: Tree) -> Iterator[Refusal]:
    inside = (nodes.For, nodes.With, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.Block)
    if tree.by_kind.get(nodes.Extends):
        for outer in tree.all(*inside, nodes.Scope, nodes.AssignBlock):
            for node in outer.find_all(nodes.Extends):
                yield "extends-inside", node.lineno, "extends must be at the top level."
    if any(name.name == "loop" and name.ctx == "store" for name in tree.all(nodes.Name)):
        for loop in tree.all(nodes.For):
            for name in loop.find_all(nodes.Name):
                if name.name == "loop" and name.ctx == "store":
                    yield "loop-assigned", name.lineno, "'loop' can't be assigned in a loop."


def _doubled_arguments(tree: Tree) -> Iterator[Refusal]:
    """They become a Python function or call that Python refuses."""
    for macro in tree.all(nodes.Macro, nodes.CallBlock):
        for name in _doubled([argument.name for argument in macro.args]):
            message = f"the macro's argument {name!r} appears twice."
            yield "argument-twice", macro.lineno, message
    for call in tree.all(nodes.Call, nodes.Filter, nodes.Test):
        for name in _doubled([keyword.key for keyword in call.kwargs]):
            yield "keyword-twice", call.lineno, f"the argument {name!r} is given twice."


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
