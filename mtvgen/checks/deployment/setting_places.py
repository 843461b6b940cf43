"""Places of settings: a line of `.env`, or of `settings.py`."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

from mtvgen.checks.places import Place
from mtvgen.runtime.support.regular_files import read_regular_file
from mtvgen.syntax_trees import walk


def place_of_setting(root: Path, variable: str) -> Place:
    """Return the line that gives a setting its value, or else that which declares it.

    Args:
        root: The project's directory.
        variable: Its name in the environment: `NOTES_PER_PAGE`.
    """
    in_file = None if variable in os.environ else _line_in_env(root / ".env", variable)
    if in_file is not None:
        return Place.at(".env", in_file)
    return Place.at("settings.py", _line_in_settings(root / "settings.py", variable))


def _line_in_env(file: Path, variable: str) -> int | None:
    """Find the setting's last line, which is the one that counts when the file is read."""
    begins = re.compile(rf"\s*(?:export\s+)?{re.escape(variable)}\s*=")
    lines = _text(file).splitlines()
    return max((n for n, line in enumerate(lines, 1) if begins.match(line)), default=None)


def _line_in_settings(file: Path, variable: str) -> int:
    """Return the line that declares a setting.

    For one of the runtime's own that which reads them all.
    """
    try:
        nodes = walk(ast.parse(_text(file)))
    except (SyntaxError, ValueError, RecursionError):
        return 1
    for node in nodes:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id.upper() == variable:
            return target.lineno
    reads = (
        node.lineno
        for node in nodes
        if isinstance(node, ast.Attribute) and node.attr == "from_environment"
    )
    return next(reads, 1)


def _text(file: Path) -> str:
    try:
        return read_regular_file(file).decode("utf-8", "replace")
    except OSError:
        return ""
