"""The edit of a layout: a template is included at the end of its navigation."""

from __future__ import annotations

from pathlib import Path

from mtvgen.add.source_text import NotPlacedError, SourceText
from mtvgen.checks.markup.parser import markup_of_file
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.store import Store


def with_include(layout: bytes, name: str) -> bytes:
    """Include a template at the end of the first `<nav>`.

    Args:
        layout: The file, mostly `templates/base.html`.
        name: The template to include.

    Returns:
        The bytes of the file with a line more; the same bytes where it is included already.

    Raises:
        NotPlacedError: There is no `<nav>` that ends in the same file.
    """
    source = SourceText.read(layout)
    template = Store(MarkingEnvironment(), (), Path()).parsed("base.html", source.text)
    statement = f'{{% include "{name}" %}}'
    if f'"{name}"' in source.text or f"'{name}'" in source.text:
        return layout
    ends = [nav.end for nav in markup_of_file(template).named("nav") if nav.end is not None]
    if not ends:
        raise NotPlacedError("it has no <nav>")
    place = ends[0].place
    column = place.column - 1
    line = source.text[source.offset(place.line, 0) :]
    offset = source.offset(place.line, len(line[:column].encode()))
    indent = source.indent_of(offset)
    inserted = statement if indent is None else f"  {statement}\n{indent}"
    return source.with_insertions([(offset, inserted)])
