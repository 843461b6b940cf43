"""`# mtvgen: ignore[id]`: found in Python files and templates, with what each one covers."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.templates.template import Template
from mtvgen.records import record
from mtvgen.syntax_trees import walk

_MARK = "mtvgen:"  # what no file has that silences nothing
_IGNORE = re.compile(r"mtvgen:\s*ignore\b(?:\s*\[([^\]\n]*)\])?")
_ID = re.compile(r"[^\s,]+")
_HTML_TAG = re.compile(r"<[a-zA-Z][^<>]*>")


@record(frozen=True)
class Ignore:
    """One comment.

    Attributes:
        place: The place of `mtvgen: ignore[...]`.
        ids: What it names, each with its place.
        lines: The lines that it covers, as pairs of the first and the last one.
        tags: The tags of a template that it covers.
    """

    place: Place
    ids: tuple[tuple[str, Place], ...]
    lines: tuple[tuple[int, int], ...]
    tags: tuple[Place, ...] = ()

    def covers(self, place: Place) -> bool:
        """Return whether something in its file is in what it is written at."""
        if place.file != self.place.file:
            return False
        start = (place.line, place.column)
        return any(first <= place.line <= last for first, last in self.lines) or any(
            (tag.line, tag.column) <= start < (tag.end_line, tag.end_column) for tag in self.tags
        )


def every_ignore(modules: Iterable[Module], templates: Iterable[Template]) -> list[Ignore]:
    """Return the comments of all files."""
    of_modules = [ignore for module in modules for ignore in ignores_in_module(module)]
    return of_modules + [ignore for one in templates for ignore in ignores_in_template(one)]


def ignores_in_module(module: Module) -> Iterator[Ignore]:
    """Yield the comments of a Python file; each covers the innermost statement that it is in."""
    if module.tree is None or _MARK.encode() not in module.source:
        return
    units = list(_units(module.tree))
    for token in tokenize.generate_tokens(io.StringIO(module.text.text).readline):
        if token.type == tokenize.COMMENT:
            line, start = token.start[0], module.text.starts[token.start[0] - 1] + token.start[1]
            around = [unit for unit in units if unit[0] <= line <= unit[1]]
            unit = min(around, key=lambda lines: lines[1] - lines[0], default=(line, line))
            for found in _IGNORE.finditer(token.string):
                ids = tuple(
                    (name, module.text.place(start + begin, start + end))
                    for name, begin, end in _ids(found)
                )
                place = module.text.place(start + found.start(), start + found.end())
                yield Ignore(place, ids, (unit,))


def _units(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield the lines of each statement, of the head of one with a body, of each item of a list."""
    for node in walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield _lines_of(node)
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            yield from (_whole(item) for item in node.elts)
        elif isinstance(node, ast.Dict):
            yield from (
                ((key or value).lineno, value.end_lineno or value.lineno)
                for key, value in zip(node.keys, node.values, strict=True)
            )


def _whole(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _lines_of(node: ast.stmt | ast.ExceptHandler | ast.match_case) -> tuple[int, int]:
    """Return the lines of a statement without those of its body."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, max(node.pattern.lineno, _first_line(node.body[0]) - 1)
    first = _first_line(node) if isinstance(node, ast.stmt) else node.lineno
    body: list[ast.stmt] | None = getattr(node, "body", None)
    if body:
        return first, max(node.lineno, _first_line(body[0]) - 1)
    if isinstance(node, ast.Match):
        return first, max(node.lineno, node.cases[0].pattern.lineno - 1)
    return first, node.end_lineno or node.lineno


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def ignores_in_template(template: Template) -> Iterator[Ignore]:
    """Yield the comments of a template.

    Each covers its lines, and the tags that have a part there.
    """
    if template.tree is None or _MARK not in template.source:
        return
    text = template.tokens.text
    html = (text.place(*tag.span()) for tag in _HTML_TAG.finditer(text.text))
    all_tags = [*template.tokens.tags(), *html]
    for start, written in template.tokens.comments():
        whole = text.place(start, start + len(written))
        tags = tuple(
            tag for tag in all_tags if tag.line <= whole.end_line and whole.line <= tag.end_line
        )
        for found in _IGNORE.finditer(written):
            ids = tuple(
                (name, text.place(start + begin, start + end)) for name, begin, end in _ids(found)
            )
            place = text.place(start + found.start(), start + found.end())
            yield Ignore(place, ids, ((whole.line, whole.end_line),), tags)


def _ids(found: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the ids in the brackets, each with its offsets in the comment."""
    if found[1] is not None:
        for name in _ID.finditer(found[1]):
            yield name[0], found.start(1) + name.start(), found.start(1) + name.end()
