"""The manual as it came with the package: its pages, and the sections that explain a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mtvgen.bundled import bundled

_FENCE = re.compile(r"^ *```.*?^ *```$", re.M | re.S)
_HEADING = re.compile(r"^(#+) (.+)\n", re.M)
_LINK = re.compile(r"\]\(([^)#\s]+\.md)")


@dataclass(frozen=True)
class Section:
    """A heading and what is below it, up to the next heading of its level.

    `own_text` ends at the next heading of any level.
    """

    page: str
    title: str
    text: str
    own_text: str


class Manual:
    """The pages, by names such as `routing` and `howto/login`.

    Args:
        directory: Where they are: those of the package, unless it says otherwise.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or bundled("docs")

    @cached_property
    def pages(self) -> dict[str, str]:
        """Name -> Markdown, in the order in which the index links to them."""
        files = {
            file.relative_to(self._directory).as_posix(): file
            for file in sorted(self._directory.rglob("*.md"))
        }
        linked = _LINK.findall(files["index.md"].read_text(encoding="utf-8"))
        in_order = dict.fromkeys(["index.md", *(name for name in linked if name in files), *files])
        return {
            name.removesuffix(".md"): files[name].read_text(encoding="utf-8") for name in in_order
        }

    def find(self, word: str) -> list[Section]:
        """Find what explains a word: a page of that name, or headings, or the text, best first.

        Args:
            word: The name of a page, with or without its folder; or a word, or a public name.
        """
        wanted = word.strip().removesuffix("()").removesuffix(".md").casefold()
        whole = [
            Section(name, name, text, text)
            for name, text in self.pages.items()
            if wanted == name or (wanted == name.rpartition("/")[2] and not name.startswith("zh/"))
        ]
        if whole:
            return whole
        pattern = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)", re.I)
        in_headings = [part for part in self._sections() if pattern.search(part.title)]
        return in_headings or self._by_frequency(pattern)

    def words(self) -> list[str]:
        """Return what `find()` finds at once: the names of the pages, and the names in headings."""
        names = [name.rpartition("/")[2] for name in self.pages]
        titles = " ".join(part.title for part in self._sections())
        return sorted({*names, *re.findall(r"[\w.-]{3,}", titles.casefold())})

    def _by_frequency(self, pattern: re.Pattern[str]) -> list[Section]:
        counted = [(len(pattern.findall(part.own_text)), part) for part in self._sections()]
        return [part for count, part in sorted(counted, key=lambda pair: -pair[0]) if count]

    def _sections(self) -> Iterator[Section]:
        """Every section of the English pages."""
        for name, text in self.pages.items():
            if not name.startswith("zh/"):
                yield from _sections(name, text)


def _sections(page: str, text: str) -> Iterator[Section]:
    # A line of a program that begins with # is not a heading.
    prose = _FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence[0]), text)
    headings = list(_HEADING.finditer(prose))
    starts = [heading.start() for heading in headings] + [len(text)]
    for number, heading in enumerate(headings):
        level = len(heading[1])
        ends = (other.start() for other in headings[number + 1 :] if len(other[1]) <= level)
        whole = text[starts[number] : next(ends, len(text))]
        own = text[starts[number] : starts[number + 1]]
        yield Section(page, heading[2].replace("`", ""), whole, own)
