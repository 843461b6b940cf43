"""The "Did you mean" of every message that names something unknown."""

from __future__ import annotations

from collections.abc import Iterable

_NEAR = 0.6  # of difflib's ratio, 0 to 1; its own get_close_matches() draws the line there too


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that `word` was most likely meant to be; None if none is near.

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


def closest_path(path: str, known: Iterable[str]) -> str | None:
    """Return the known file that a path was most likely meant to be; None if none is near.

    A folder and an ending that both have say nothing: `logo.svg` is not `icon.svg`. A file of the
    same name in another folder comes first.
    """
    parts = {other: other.rpartition("/")[::2] for other in known if other != path}
    folder, name = path.rpartition("/")[::2]
    same = [other for other, (_, own) in parts.items() if own == name]
    if same:
        return closest(path, same) or same[0]
    folders = {above for above, _ in parts.values()}
    if folder not in folders:
        folder = closest(folder, folders) or folder
    stems = {_stem(own): other for other, (above, own) in parts.items() if above == folder}
    return stems.get(closest(_stem(name), stems) or "")


def _stem(name: str) -> str:
    """`style` of `style.css`; without an ending the whole, as of `.htaccess`."""
    stem, _, ending = name.rpartition(".")
    return stem if stem and ending else name


def did_you_mean_path(path: str, known: Iterable[str]) -> str:
    """Return the sentence to put behind a message about a file; "" if no file is near."""
    near = closest_path(path, known)
    return f" Did you mean {near!r}?" if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the sentence to put behind a message, ` Did you mean 'int'?`.

    "" if no name is near.
    """
    name = closest(word, known)
    return f" Did you mean {name!r}?" if name else ""
