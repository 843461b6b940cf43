"""The marks of English that was translated rather than written, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A turn of phrase that a native would not use."""

    pattern: re.Pattern[str]
    instead: str


def _mark(pattern: str, instead: str) -> Mark:
    return Mark(re.compile(pattern, re.I | re.M), instead)


# An exception is a part of its pattern, behind (?!...) or (?<!...), with an example of it above.
MARKS = (
    # "there is no such page", "it is no longer sent", "is no more than a hint", "is None",
    # "it is none of these"
    _mark(
        r"(?<!\bthere )\b(?:is|are|was|were) (?-i:no|none)\b(?! longer)(?! (?:more|less) than)"
        r"(?! of (?:these|the above)\b)",
        "is not a",
    ),
    _mark(r"\bmend(?:s|ed|ing)?\b", "fix"),
    _mark(r"\bbeside\b", "next to"),
    # "`*` stands for any name", "it stands alone", "it stands out", "stands in for"
    _mark(r"\b(?:stands?|stood|standing)\b(?! (?:for|alone|out|in for)\b|-ins?\b)", "is"),
    _mark(r"\b(?:lies|lay|lying)\b", "is"),
    # "two that can't be told apart"
    _mark(r"\btold\b(?! apart\b)", "shown, reported; or name who says it"),
    # "caches can't tell how old it is"; "tells browsers", which names who hears it
    _mark(
        r"(?<!can't )\btells? (?:about|of|more|that|what|which|whether|where|why|how)\b",
        "says, explains",
    ),
    _mark(r"\b(?:afresh|anew)\b", "again"),
    _mark(r"\bbelongs? into\b", "belongs in"),
    _mark(r"\bwho wants\b", "to ..., do ..."),
    _mark(r"\bfor who\b|\b(?:for|by|to) whom\b", "if ..., who ..."),
    # "below `/static/`": an address, not a folder
    _mark(r"\b(?:below|beneath) `\w[\w./]*/`", "in"),
    # "it takes as long as a wrong password", "for as long as it likes": these are durations
    _mark(r"(?<!takes )(?<!take )(?<!for )\b(?:as|so) long as\b", "if, provided that, while"),
    _mark(r"\banswers? of \d|\banswer of (?:a|the) status\b", "a response with status"),
    _mark(r"\braw sockets?\b", "plain TCP socket"),
    _mark(r"\bnew in `[^`]*` (?:is|are)\b", "The last line and `name` in the import are new."),
    _mark(r"\bset-ups?\b", "setup"),
    _mark(r", else\b(?! if\b)", "otherwise"),
    _mark(r"\bwhere there is (?:one|none)\b", "if there is one"),
    _mark(r"\bin the place of\b", "instead of"),
    _mark(r"\bwithout a word\b", "silently"),
    _mark(r"\bcalled like\b", "named like"),
    _mark(r"\bdivided by commas\b", "separated by commas"),
    _mark(r"\bin the very moment\b", "at the very moment"),
    _mark(r"\bsomething else than\b", "something other than"),
    _mark(r"\binside of\b|\boutside of\b", "inside, outside"),
    # A sentence whose subject is "What": name what it is. A question ends otherwise.
    _mark(
        r"(?:^ *(?:- )?|[.] )(?-i:What) "
        r"(?:is|are|was|were|can|may|comes|goes|has|happens)\b[^?\n|]*[.:]$",
        "name the subject",
    ),
)


def marks(text: str) -> list[tuple[int, str, str]]:
    """Each mark in a text of people's words: its line, the words, and what to write instead.

    What is `quoted` is somebody else's, but for the name of a folder.
    """
    words = re.sub(r"(`+)(?!\w[\w./]*/`).+?\1", "`...`", text)
    return [
        (words.count("\n", 0, found.start()) + 1, found[0], mark.instead)
        for mark in MARKS
        for found in mark.pattern.finditer(words)
    ]
