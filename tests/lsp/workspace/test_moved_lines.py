"""A place keeps to its line while lines above or below it are edited."""

from __future__ import annotations

import pytest

from mtvgen.checks.places import Place
from mtvgen.lsp.workspace.moved_lines import MovedLines


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("a\nb\nc", "a\nb\nc", 2, 2),
        ("a\nb\nc", "x\na\nb\nc", 2, 3),
        ("a\nb\nc", "b\nc", 2, 1),
        ("a\nb\nc", "a\nB\nc", 2, None),
        ("a\nb\nc", "a\nB\nc", 3, 3),
        ("a\nb\nc", "a\nB\nc", 1, 1),
        ("a\na\na", "a\na\na\na", 3, 3),
        ("a", "", 1, None),
        ("a\r\nb", "x\r\na\r\nb", 2, 3),
    ],
)
def test_a_line_is_where_it_went(old, new, line, expected):
    moved = MovedLines(old, new).place(Place("f", line, 2, line, 3))
    assert (moved.line if moved else None) == expected
    assert moved is None or moved[2::2] == (2, 3)
