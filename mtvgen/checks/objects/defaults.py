"""Defaults of columns that are one value for all rows: `default=datetime.now()`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Problem, arrow


def defaults_called_once(module: Module, uses: Uses) -> Iterator[Problem]:
    """Yield the defaults of a file's columns that are called where they should be handed over.

    Args:
        module: The file.
        uses: What it calls.
    """
    for keyword in uses.called_once:
        assert isinstance(keyword.value, ast.Call)  # noqa: S101  # as Uses says
        written = ast.unparse(keyword.value)
        message = f"{written} is called once, as the process starts: all rows get the same value."
        has_arguments = keyword.value.args or keyword.value.keywords
        handed_over = f"lambda: {written}" if has_arguments else ast.unparse(keyword.value.func)
        cure = arrow(f"{keyword.arg}={handed_over}")
        yield Problem("models.default-once", module.place(keyword), message, cure, "note")
