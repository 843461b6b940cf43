"""The layout that the pages extend: which of its blocks is for what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mtvgen.errors import MtvgenError

BASE = "base.html"
_BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)")
_PARENT = re.compile(r"""\{%[-+]?\s*extends\s+["']([^"']+)["']""")
_CONTENTS = ("content", "main", "body", "page")  # what such a block is called, the usual name first
_MOST_PARENTS = 10  # more is a circle


@dataclass(frozen=True)
class Layout:
    """The blocks of the layout.

    Attributes:
        content: The block that holds the page.
        title: That of the title; "" if it has none.
    """

    content: str = "content"
    title: str = "title"


def layout_of(templates: Path) -> Layout:
    """Return the blocks of a project's `base.html`, and of the templates that it extends.

    Args:
        templates: The directory of the templates.

    Raises:
        MtvgenError: There is no such file, or none of its blocks is for the page.
    """
    blocks = _blocks(templates)
    title = "title" if "title" in blocks else ""
    named = [name for name in _CONTENTS if name in blocks]
    rest = [name for name in blocks if name != "title"]
    if named or len(rest) == 1:
        return Layout((named or rest)[0], title)
    raise MtvgenError(
        f"templates/{BASE} has no block 'content' for the pages to fill.",
        cure="{% block content %}{% endblock %} where they go",
    )


def _blocks(templates: Path) -> list[str]:
    blocks: list[str] = []
    name = BASE
    for _ in range(_MOST_PARENTS):
        try:
            source = (templates / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise MtvgenError(
                f"templates/{name} is not there, and the pages extend templates/{BASE}.",
                cure="a layout there with {% block title %}{% endblock %} in its <title> and "
                "{% block content %}{% endblock %} in its <main>",
            ) from None
        blocks += _BLOCK.findall(source)
        parent = _PARENT.search(source)
        if parent is None:
            break
        name = parent[1]
    return blocks
