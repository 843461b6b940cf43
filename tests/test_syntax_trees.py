"""Walks over syntax trees find what Python's own find, but for what has no place."""

from __future__ import annotations

import ast
from pathlib import Path

from mtvgen.syntax_trees import children, walk

WITHOUT_PLACE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
EVERYTHING = """
async def read(first, /, *rest: int, last=None, **more) -> list[str]:
    global seen
    async with opened() as file, other:
        return [await part async for part in file if part and not rest]
    {1: "one", **more}[1:2], {1}, f"{first!r:>{last}}", (yield), lambda key: key
    del first
    seen += 1 if (name := last) else -first
    assert first < last != seen, "message"
try:
    import a.b as c
    from . import d
except* (ValueError, OSError) as error:
    raise error from None
match first:
    case {"a": 1, **others} | [1, *rest] | Point(1, y=2) | None if others:
        pass
    case str() as text:
        x: int = 1
while x:
    break
"""


def test_a_walk_finds_the_nodes_of_pythons_own_in_their_order():
    sources = [EVERYTHING, *(file.read_text() for file in Path("mtvgen/checks").rglob("*.py"))]
    for tree in map(ast.parse, sources):
        with_place = [node for node in ast.walk(tree) if not isinstance(node, WITHOUT_PLACE)]
        assert walk(tree) == with_place


def test_the_children_of_a_node_are_those_of_pythons_own():
    for node in ast.walk(ast.parse(EVERYTHING)):
        below = ast.iter_child_nodes(node)
        assert children(node) == [one for one in below if not isinstance(one, WITHOUT_PLACE)]
