"""Overlap of patterns: whether an address of one may be one of another, too."""

from __future__ import annotations

import re

from mtvgen.runtime.routing.converters import CONVERTERS

_PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")


def may_meet(left: str, right: str) -> bool:
    """Return whether some address may be of both patterns; the final `/` does not count.

    Where only the other one takes the method, the router redirects with the method kept (308).
    """
    pieces = left.rstrip("/").split("/"), right.rstrip("/").split("/")
    for ours, theirs in zip(*pieces, strict=False):
        if "<path:" in ours or "<path:" in theirs:
            return True
        if not _segments_meet(ours, theirs):
            return False
    return len(pieces[0]) == len(pieces[1])


def _segments_meet(left: str, right: str) -> bool:
    if "<" not in left:
        left, right = right, left
    if "<" not in left:
        return left == right
    if "<" in right:
        return True
    parameter = _PARAMETER.fullmatch(left)
    converter = CONVERTERS.get(parameter[1] or "str") if parameter is not None else None
    if converter is None:
        return True  # a mistake, or text and parameters in one segment
    try:
        converter.parse(right)
    except ValueError:
        return False
    return True
