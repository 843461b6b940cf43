"""The names that a template itself gives a value, where somebody is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import nodes

from mtvgen.checks.templates.parsing.marks import number_of
from mtvgen.checks.templates.parsing.tokens import Tokens
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree, import_targets


class Body(NamedTuple):
    """The text between a tag and its end, by offsets.

    Attributes:
        start: Where it begins, behind the tag.
        end: Where its end tag ends; where it has none, its start.
        other: Where the `else` of a loop ends; None if there is none.
    """

    start: int
    end: int
    other: int | None


def names_in_scope(template: Template, line: int, column: int) -> Mapping[str, nodes.Node]:
    """Return the names that a template has bound at a place, each with what binds it.

    Those of loops, macros, `with` and `call` around it, and what `set`, imports and macros before
    it have bound; what views pass and templates around it set is not among them.

    Args:
        template: The template; half-typed is enough.
        line: A line, from 1.
        column: The number of a character in it, from 1.
    """
    if template.tree is None:
        return {}
    scopes = _Scopes(template.once(_bodies_in), template.tokens.text.offset(line, column))
    scopes.read(template.tree.root.body)
    return scopes.names


def given_names(tree: Tree) -> Iterator[nodes.Name]:
    """Yield the names that get a value which is not a literal: of loops, `set`, and macros."""
    for loop in tree.all(nodes.For):
        yield from _names_in(loop.target)
    for assigned in tree.all(nodes.Assign):
        if not isinstance(assigned.node, nodes.Const):
            yield from _names_in(assigned.target)
    for macro in tree.all(nodes.Macro):
        yield from macro.args


def _names_in(target: nodes.Node) -> Iterator[nodes.Name]:
    return iter([target]) if isinstance(target, nodes.Name) else target.find_all(nodes.Name)


class _Scopes:
    def __init__(self, bodies: Mapping[int, Body], offset: int) -> None:
        self.names: dict[str, nodes.Node] = {}
        self._bodies = bodies
        self._offset = offset
        # What is bound at the top of the template, which its blocks see.
        self._outside: dict[str, nodes.Node] = self.names

    def read(self, body: Iterable[nodes.Node]) -> None:
        for node in body:
            tag = self._bodies.get(number_of(node.lineno or 0))
            # An extension may have made a node that is written nowhere.
            if tag is None or tag.start <= self._offset:
                self._read(node, tag or Body(0, 0, None))

    def _read(self, node: nodes.Node, tag: Body) -> None:
        is_inside = tag.start <= self._offset < tag.end
        match node:
            case nodes.Assign():
                self._bind(node.target)
            case nodes.AssignBlock() if not is_inside:
                self._bind(node.target)
            case nodes.Import() | nodes.FromImport():
                self.names.update(dict.fromkeys(import_targets(node), node))
            case nodes.If():
                self.read(node.body)
                self.read(node.elif_)
                self.read(node.else_)
            case nodes.Scope():
                self.read(node.body)
            case nodes.Block() if is_inside:
                self._read_block(node)
            case nodes.For() if is_inside and tag.other is not None and self._offset >= tag.other:
                self.read(node.else_)
            case nodes.Macro():
                self.names[node.name] = node
                if is_inside:
                    self._read_inside(node, node.args)
            case nodes.For() if is_inside:
                self._read_inside(node, [node.target])
            case nodes.With() if is_inside:
                self._read_inside(node, node.targets)
            case nodes.CallBlock() if is_inside:
                self._read_inside(node, node.args)
            case _:
                # What a scope binds that is left again is gone with it.
                if is_inside and hasattr(node, "body"):
                    self.read(node.body)

    def _read_block(self, node: nodes.Block) -> None:
        if not node.scoped:
            self.names = dict(self._outside)
        self.read(node.body)

    def _read_inside(self, node: Any, targets: Iterable[nodes.Node]) -> None:
        if self.names is self._outside:
            self.names = dict(self.names)
        if isinstance(node, nodes.For):
            self.names["loop"] = node
        for target in targets:
            self._bind(target)
        self.read(node.body)

    def _bind(self, target: nodes.Node) -> None:
        if isinstance(target, nodes.Name):
            self.names[target.name] = target
        elif isinstance(target, nodes.Tuple):
            for item in target.items:
                self._bind(item)


def _bodies_in(template: Template) -> dict[int, Body]:
    """Return the bodies of a template's tags, read once: an editor asks at many places."""
    return dict(_bodies(template.tokens))


def _bodies(tokens: Tokens) -> Iterator[tuple[int, Body]]:
    """Yield what is between each tag and its end, with the number of the tag's first name."""
    waiting: list[_Opened] = []
    others: dict[int, int] = {}
    for word, number, end in _statements(tokens):
        if word == "else":
            around = [opened for opened in waiting if opened.word in ("for", "if")]
            if around and around[-1].word == "for":
                others[around[-1].number] = end
        elif not word.startswith("end"):
            waiting.append(_Opened(word, number, end))
        elif any(f"end{opened.word}" == word for opened in waiting):
            while True:
                opened, opener, start = waiting.pop()
                is_its_own = f"end{opened}" == word
                yield opener, Body(start, end if is_its_own else start, others.get(opener))
                if is_its_own:
                    break
    for _, number, end in waiting:
        yield number, Body(end, end, None)


class _Opened(NamedTuple):
    """A tag that may have an end.

    Attributes:
        word: Its first name.
        number: The number of that token.
        end: Where the tag ends.
    """

    word: str
    number: int
    end: int


def _statements(tokens: Tokens) -> Iterator[tuple[str, int, int]]:
    """Yield each tag of `{% %}`: its first name, the number of that, and where it ends.

    One whose end is not written ends one character further on: it goes on there.
    """
    word, number = "", 0
    for index, token in enumerate(tokens, 1):
        if token.kind in ("block_begin", "linestatement_begin"):
            word, number = "", 0
        elif token.kind == "name" and not word:
            word, number = token.written, index
        elif token.kind in ("block_end", "linestatement_end") and word:
            yield word, number, token.end + (token.start == token.end)
