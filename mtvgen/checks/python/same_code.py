"""Whether two versions of a Python file are the same code: they differ in lines that mean nothing.

A blank line, or a comment on a line of its own, moves what is below it and changes nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def are_same_code(old: bytes, old_tree: ast.Module, new: bytes, new_tree: ast.Module) -> bool:
    """Return whether two sources differ in blank lines and comments alone.

    To compare the trees would take ten times as long. False says no more than that it is not known.

    Args:
        old: A source that Python can compile.
        old_tree: Its tree.
        new: Another one.
        new_tree: Its tree.
    """
    before, after = old.splitlines(), new.splitlines()
    first = _common(before, after)
    behind = _common(before[first:][::-1], after[first:][::-1])
    changed = [range(first, len(lines) - behind) for lines in (before, after)]
    code = [
        [lines[number] for number in numbers if not _is_empty(lines[number])]
        for lines, numbers in zip((before, after), changed, strict=True)
    ]
    return code[0] == code[1] and all(
        _mean_nothing(lines, numbers, tree)
        for lines, numbers, tree in (
            (before, changed[0], old_tree),
            (after, changed[1], new_tree),
        )
    )


def lines_of_code(source: bytes) -> list[int]:
    """Return the numbers of the lines, from 1, that are neither blank nor a comment.

    Two versions of the same code have as many of them, each at the same place in the code.
    """
    lines = enumerate(source.splitlines(), 1)
    return [number for number, line in lines if not _is_empty(line)]


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """Return how many lines two files have in common at their beginning."""
    pairs = zip(one, other, strict=False)
    differing = (number for number, (a, b) in enumerate(pairs) if a != b)
    return next(differing, min(len(one), len(other)))


def _is_empty(line: bytes) -> bool:
    stripped = line.strip()
    return not stripped or stripped.startswith(b"#")


def _mean_nothing(lines: Sequence[bytes], numbers: range, tree: ast.Module) -> bool:
    """Return whether the empty lines among some are neither in a text nor continue another line."""
    empty = [number for number in numbers if _is_empty(lines[number])]
    continued = any(lines[number - 1].endswith(b"\\") for number in empty if number)
    # A comment on the first two lines may say how the file is encoded (PEP 263).
    says_encoding = any(number < 2 and b"coding" in lines[number] for number in empty)
    if continued or says_encoding:
        return False
    texts = list(_texts_of_lines(tree, numbers)) if empty else []
    return not any(number + 1 in text for number in empty for text in texts)


def _texts_of_lines(node: ast.AST, numbers: range) -> Iterator[range]:
    """Yield the lines of the texts that are several lines long, near some lines."""
    for child in ast.iter_child_nodes(node):
        line: int | None = getattr(child, "lineno", None)
        end: int = getattr(child, "end_lineno", None) or 0
        if line is None:
            yield from _texts_of_lines(child, numbers)
        elif line < end and line <= numbers.stop and end > numbers.start:
            if isinstance(child, ast.Constant | ast.JoinedStr):
                yield range(line, end + 1)
            yield from _texts_of_lines(child, numbers)
