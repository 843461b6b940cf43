"""The tree of the tests is that of mtvgen/, and what they share has one name from everywhere."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
FILES = sorted(path.relative_to(ROOT) for path in TESTS.rglob("*.py"))
SHORT_NAMES = {file.stem for file in FILES} | {file.parent.name for file in FILES} - {"tests"}

# Folders whose subject is no folder of mtvgen/: the pages and the generated project, mtvgen among
# other servers and on several machines, any input, what it costs, and what the tests need.
OTHER_FOLDERS = {
    "benchmarks",
    "benchmarks/adapters",
    "benchmarks/schema_changes",
    "cluster",
    "docs",
    "fuzz",
    "project_template",
    "checks/public",
    "runtime/migrations/cases",
    "servers",
    "support",
    "tools",
    "tools/pictures",
}
# Below tests/ itself is what concerns mtvgen as a whole, and fixtures for all.
LOOSE_FILES = {
    "conftest.py",
    "test_advisories.py",
    "test_architecture.py",
    "test_cli.py",
    "test_faults_are_data.py",
    "test_gate.py",
    "test_layout.py",
    "test_packaging.py",
    "test_public_api.py",
    "test_styled_text.py",
    "test_syntax_trees.py",
    "test_words.py",
}


def test_a_folder_of_tests_is_a_folder_of_mtvgen():
    folders = {file.relative_to("tests").parent.as_posix() for file in FILES} - {"."}
    unknown = {name for name in folders - OTHER_FOLDERS if not (ROOT / "mtvgen" / name).is_dir()}
    assert unknown == set(), "tests of mtvgen/a/b.py are in tests/a/test_b.py"


def test_only_what_concerns_the_whole_is_outside_the_folders():
    loose = {file.name for file in FILES if file.parent == Path("tests")}
    assert loose - LOOSE_FILES == set(), "put it into the folder of what it tests, or into support/"


def test_what_tests_share_is_imported_by_its_whole_name():
    names = [
        (file, name)
        for file in FILES
        for name in imported(ast.parse((ROOT / file).read_text(encoding="utf-8")))
    ]
    assert [found for found in names if is_relative_to_a_folder_of_tests(found[1])] == []


def test_a_short_name_is_recognized():
    assert is_relative_to_a_folder_of_tests("support.wsgi_calls")
    assert is_relative_to_a_folder_of_tests("wsgi_calls")
    assert not is_relative_to_a_folder_of_tests("tests.support.wsgi_calls")
    assert not is_relative_to_a_folder_of_tests("json")


def imported(tree: ast.AST) -> list[str]:
    """The modules that a file names in its import statements; the dots of a relative one too."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append("." * node.level + (node.module or ""))
    return names


def is_relative_to_a_folder_of_tests(name: str) -> bool:
    """Whether a module's name begins below tests/, so that it holds in one folder only."""
    first, *_ = name.split(".")
    return first not in sys.stdlib_module_names and (first in SHORT_NAMES or not first)
