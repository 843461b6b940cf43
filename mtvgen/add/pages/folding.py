"""Long lines of Python, folded as ruff and black fold them: at their last brackets."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 100
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def folded(source: str) -> str:
    """Return a program whose lines fit; strings and comments are left alone."""
    return "\n".join(part for line in source.split("\n") for part in _fold(line))


def chained(name: str, calls: Sequence[str], *, indent: int = 4) -> list[str]:
    """Return the lines that give a name to a chain of calls, folded where they are too long.

    Args:
        name: The name.
        calls: `select(Book)`, `.limit(20)` ...
        indent: Blanks before each line, which are not in the result.
    """
    chain = "".join(calls)
    if indent + len(f"{name} = {chain}") <= WIDTH:
        return [f"{name} = {chain}"]
    if indent + 4 + len(chain) <= WIDTH:
        return [f"{name} = (", f"    {chain}", ")"]
    return [f"{name} = (", *(f"    {call}" for call in calls), ")"]


def _fold(line: str) -> list[str]:
    group = _last_group(line) if len(line) > WIDTH else None
    if group is None:
        return [line]
    opening, closing = group
    indent = line[: len(line) - len(line.lstrip())]
    head, body, tail = line[: opening + 1], line[opening + 1 : closing], line[closing:]
    inner = f"{indent}    {body}"
    if not body.strip() or line.lstrip().startswith(("def ", "from ")):
        return [line]
    if len(inner) <= WIDTH:
        return [head, inner, f"{indent}{tail}"]
    parts = [part for item in _items(body) for part in _fold(f"{indent}    {item},")]
    return [head, *parts, f"{indent}{tail}"]


def _last_group(line: str) -> tuple[int, int] | None:
    """Return where the last brackets open and close that are in no others."""
    last = None
    opening, depth = 0, 0
    for place, sign in _signs(line):
        if sign in _PAIRS:
            opening = place if depth == 0 else opening
            depth += 1
        elif sign in _PAIRS.values():
            depth -= 1
            if depth == 0:
                last = (opening, place)
    return last


def _items(body: str) -> list[str]:
    items, begin, depth = [], 0, 0
    for place, sign in _signs(body):
        depth += (sign in _PAIRS) - (sign in _PAIRS.values())
        if sign == "," and depth == 0:
            items.append(body[begin:place].strip())
            begin = place + 1
    return [*items, body[begin:].strip()] if body[begin:].strip() else items


def _signs(text: str) -> list[tuple[int, str]]:
    """Return brackets and commas that are in no string, with their places."""
    signs, quote, place = [], "", 0
    while place < len(text):
        sign = text[place]
        if quote:
            place += sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "()[]{},":
            signs.append((place, sign))
        place += 1
    return signs
