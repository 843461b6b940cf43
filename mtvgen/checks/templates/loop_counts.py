"""Counting with `set` in a loop, which begins again in each round.

A loop has a scope of its own (Jinja2, "Assignments"): what is set in it is gone at the end of the
round, and a name of the same spelling outside keeps its value. `namespace()` is there for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mtvgen.checks.report import Problem, arrow
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree, children


def count_problems(template: Template, tree: Tree) -> Iterator[Problem]:
    """Yield notes on names that a loop sets from themselves, and that nothing in it reads then."""
    for loop in tree.all(nodes.For):
        for node in _inside(loop):
            if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
                name = node.target.name
                if _mentions(node.node, name) and _is_lost(tree, loop, node, name):
                    message = f"{name!r} has its value from before the loop again in each round."
                    cure = f"{{% set ns = namespace({name}=...) %}}, and ns.{name} in the loop"
                    place = template.place(node.target)
                    yield Problem("templates.loop-count", place, message, arrow(cure), "note")


def _inside(loop: nodes.For) -> Iterator[nodes.Node]:
    """Yield what is in a loop, other than in another loop, which is looked at by itself."""
    waiting: list[nodes.Node] = list(loop.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, nodes.For | nodes.Macro | nodes.Block | nodes.CallBlock):
            waiting += children(node)


def _is_lost(tree: Tree, loop: nodes.For, assignment: nodes.Assign, name: str) -> bool:
    """Return whether a name is set before the loop too, and read behind it, but not in it."""
    inside = {id(node) for node in loop.find_all(nodes.Name)}
    own = {id(node) for node in assignment.find_all(nodes.Name)}
    others = [each for each in tree.all(nodes.Name) if each.name == name and id(each) not in own]
    is_set_before = any(each.ctx != "load" and id(each) not in inside for each in others)
    is_read_inside = any(each.ctx == "load" and id(each) in inside for each in others)
    is_read_outside = any(each.ctx == "load" and id(each) not in inside for each in others)
    return is_set_before and is_read_outside and not is_read_inside


def _mentions(node: nodes.Node, name: str) -> bool:
    found = [node, *node.find_all(nodes.Name)]
    return any(isinstance(each, nodes.Name) and each.name == name for each in found)
