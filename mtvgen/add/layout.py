"""The layout of a project's pages, and templates that come with mtvgen made to fit it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mtvgen.errors import printable
from mtvgen.startproject.destination import NothingMade

_USUAL = "base.html"
_EXTENDS = re.compile(r"\{%[-+]?\s*extends\s*(?P<quote>['\"])(?P<name>.+?)(?P=quote)")
_BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)")
_TITLE = re.compile(rb"\{% block title %\}.*?\{% endblock %\}\n\n?")


@dataclass(frozen=True)
class Layout:
    """The template that a project's pages extend.

    Attributes:
        name: As `extends` names it: `base.html`.
        content: Its block for what a page shows.
        has_title: Whether it has a block `title`.
    """

    name: str
    content: str
    has_title: bool

    @property
    def file(self) -> str:
        """Its path in the project."""
        return f"templates/{self.name}"

    def fitted(self, template: bytes) -> bytes:
        """Return a template that extends `base.html`, extending this one."""
        template = template.replace(b'extends "base.html"', f'extends "{self.name}"'.encode())
        template = template.replace(b"block content", f"block {self.content}".encode())
        return template if self.has_title else _TITLE.sub(b"", template)


def layout_of(root: Path) -> Layout:
    """Return the layout of a project: `base.html`, or what most of its pages extend.

    Raises:
        NothingMade: There is none, or it has no block for what a page shows.
    """
    texts = dict(_templates(root / "templates"))
    parents = {name: match["name"] for name in texts if (match := _EXTENDS.search(texts[name]))}
    extended = [name for name, _ in Counter(parents.values()).most_common() if name in texts]
    name = _USUAL if _USUAL in texts else next(iter(extended), None)
    if name is None:
        raise NothingMade(
            f"templates/{_USUAL} is missing, and no page extends another layout.",
            cure="make one with {% block title %} and {% block content %} in it, "
            "then type the same command again",
        )
    blocks = _blocks(name, texts, parents)
    pages = [page for page, parent in parents.items() if parent == name]
    filled = Counter(block for page in pages for block in _BLOCK.findall(texts[page]))
    usual = [block for block, _ in filled.most_common() if block in blocks - {"title"}]
    content = "content" if "content" in blocks else next(iter(usual), None)
    if content is None:
        raise NothingMade(
            f"templates/{printable(name)} has no block for what a page shows.",
            cure="write {% block content %}{% endblock %} in it, then type the same command again",
        )
    return Layout(name, content, "title" in blocks)


def _templates(directory: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(directory.rglob("*.html")):
        if file.is_file():
            name = file.relative_to(directory).as_posix()
            yield name, file.read_text("utf-8", errors="replace")


def _blocks(name: str, texts: dict[str, str], parents: dict[str, str]) -> set[str]:
    """Return the blocks of a template and of those that it extends."""
    blocks: set[str] = set()
    seen: set[str] = set()
    while name in texts and name not in seen:
        seen.add(name)
        blocks |= set(_BLOCK.findall(texts[name]))
        name = parents.get(name, "")
    return blocks
