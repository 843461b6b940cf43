"""What mtvgen says reads as written, not as translated: no mark of tests/support/words.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.words import marks

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    file for folder in ("mtvgen", "project_template") for file in (ROOT / folder).rglob("*.py")
)
TEMPLATE_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
# Anything shorter is for a program: a key of JSON, a name of a header field.
SENTENCE = re.compile(r"[a-z']+,? [a-z'(]+", re.I)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts(program: str) -> Iterator[tuple[int, str]]:
    """Every string and docstring of a program that has words, with its line.

    Of an f-string the values are `...`, which no mark looks into.
    """
    tree = ast.parse(program)
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = (p.value if isinstance(p, ast.Constant) else "`...`" for p in node.values)
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if SENTENCE.search(text):
            yield node.lineno, TEMPLATE_CODE.sub("`...`", text)


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_sentence_in_the_code_has_no_mark_of_a_translation(file: Path) -> None:
    found = [
        f"line {start + line - 1}: {words!r}; write: {instead}"
        for start, text in texts(file.read_text(encoding="utf-8"))
        for line, words, instead in marks(text)
    ]
    assert found == []


def test_the_words_of_f_strings_and_docstrings_are_read() -> None:
    program = '''
def refuse(text):
    """Files that stand there are read afresh."""
    raise ValueError(f"{text!r} is no number, " f"so mend it")
'''
    assert [words for _, text in texts(program) for _, words, _ in marks(text)] == [
        "stand",
        "afresh",
        "is no",
        "mend",
    ]
