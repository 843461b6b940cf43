"""The regular expression that divides a path where splitting it at "/" is not enough.

That is where text and parameters share a segment, or where a `<path:...>` spans several. Whatever
the pattern, the expression needs time linear in the length of the path: the text between two
parameters divides them at one place only, so nothing is tried twice.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import attrgetter

from mtvgen.runtime.routing.converters import CONVERTERS, Converter
from mtvgen.runtime.routing.segments import END, LITERAL, MIXED_PATH, PATH, Parameter, Segment

# The ranks of segments that splitting at "/" finds.
_WHOLE = {LITERAL, END, *[converter.rank for converter in CONVERTERS.values()]} - {PATH}


def path_regex(segments: tuple[Segment, ...], shape: tuple[float, ...]) -> re.Pattern[str] | None:
    """Return the expression with one group for each parameter; None where none is needed.

    Literal segments before a `<path:...>` are left to the router's tables, so that thousands of
    patterns such as `/files1/<path:p>` share one expression.
    """
    if _WHOLE.issuperset(shape):
        return None
    sources = []
    behind_path = False
    for segment in segments:
        if segment.rank == LITERAL:
            sources.append(re.escape(segment.text) if behind_path else "[^/]*")
        elif segment.rank in _WHOLE:
            sources.append("([^/]*)")  # its converter looks closer
        else:
            sources.append(_mixed(segment.parts))
        behind_path = behind_path or segment.rank in (MIXED_PATH, PATH)
    return _compiled("/" + "/".join(sources))


# Python's own cache of expressions holds 512 and is everybody's.
@lru_cache(maxsize=1024)
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _mixed(parts: tuple[str | Parameter, ...]) -> str:
    """Return the source for a segment in which text divides parameters.

    Text divides at its first occurrence while no parameter so far could hold the text
    behind it, as in `<int:id>-<slug:title>`; from then on at its last, as in
    `<slug:title>-<int:id>`.
    """
    source = ""
    greedy: Converter | None = None  # of those that could hold the text behind them, the widest
    for i, part in enumerate(parts):
        if isinstance(part, str):
            source += re.escape(part)
            continue
        converter = part.converter
        if greedy is None or not converter.characters:
            source += f"({converter.regex})"
        else:
            source += f"({_behind(greedy, str(parts[i - 1]), converter)})"
        if i + 1 < len(parts) and converter.holds(str(parts[i + 1])):
            greedy = max(greedy or converter, converter, key=attrgetter("rank"))
    return source


def _behind(greedy: Converter, text: str, converter: Converter) -> str:
    """Return a parameter behind a greedy one, divided by text that the greedy one could hold too.

    The greedy one takes all it can, up to the last such text that leaves something behind it. So
    this one holds no such text, but at its very end, and saying so changes nothing about what
    matches. Unsaid, `([^/]+)-([^/]+)-([^/]+)x` tries every pair of dashes before it gives up.
    """
    own = converter.characters
    before = f"(?!{re.escape(text)}{own})"
    if converter.rank <= greedy.rank:  # the lower rank's characters are among the higher one's
        return f"(?:{before}{own}){converter.count}"
    # From the first character that the greedy one can't hold, this one is free.
    free = f"(?!{greedy.characters}){own}+"
    return f"(?:{before}(?={greedy.characters}){own})+(?:{free})?|{free}"
