"""The "Did you mean" of every message that names something unknown."""

from __future__ import annotations

from collections.abc import Iterable

_NEAR = 0.6  # of difflib's ratio, 0 to 1; its own get_close_matches() draws the line there too


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that `word` was most likely meant to be; None if none is near.

    A word without a dot is compared with the parts of dotted names too: `nots` finds
    `notes.index`.
    """
    # Imported here because nothing but a mistake needs it.
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=word, autojunk=False)

    def likeness(candidate: str) -> float:
        matcher.set_seq1(candidate)
        # The upper bounds are far cheaper, and settle nearly all of ten thousand names.
        if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR:
            return 0.0
        return matcher.ratio()

    best = 0.0, 0.0, ""
    for name in known:
        parts = name.split(".") if "." not in word else []
        near = max(map(likeness, (name, *parts)))
        if near >= max(best[0], _NEAR):
            matcher.set_seq1(name)
            best = max(best, (near, matcher.ratio(), name))
    return best[2] or None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The sentence to put behind a message, ` Did you mean 'int'?`; "" if no name is near."""
    name = closest(word, known)
    return f" Did you mean {name!r}?" if name else ""
