"""Whether a project's settings.py reads nothing but the environment and .env.

The import of a settings.py may also read a file or the clock, which no change of a source shows.
"""

from __future__ import annotations

import ast
import sys
from contextlib import suppress
from pathlib import Path

from mtvgen.devserver.holding.side_effects import definitions_in
from mtvgen.runtime import Settings
from mtvgen.runtime.support.regular_files import read_regular_file

_DIRECTORY = ast.dump(ast.parse("Path(__file__).parent", mode="eval").body)


def reads_only_the_environment(root: Path) -> bool:
    """Return whether settings.py defines classes, and calls `from_environment()` of one.

    Args:
        root: The project's directory.
    """
    with suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        tree = ast.parse(read_regular_file(str(root / "settings.py")))
        calls = [statement for statement in tree.body if _reads_environment(statement)]
        rest = [statement for statement in tree.body if statement not in calls]
        found = definitions_in(ast.Module(rest, []), "", lambda name: None)
        if found is not None and not any(map(_overrides, ast.walk(tree))):
            return all(_is_installed(read.module) for read in found.reads)
    return False


def _reads_environment(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(
            [ast.Name()], ast.Call(ast.Attribute(ast.Name(), "from_environment"), [directory], [])
        ):
            return ast.dump(directory) == _DIRECTORY
    return False


def _overrides(node: ast.AST) -> bool:
    """Return whether a function takes the place of one that reading the settings calls."""
    match node:
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
            return hasattr(Settings, name)
    return False


def _is_installed(module: str) -> bool:
    package = module.partition(".")[0]
    return package == "mtvgen" or package in sys.stdlib_module_names
