"""The rules of docs/architecture.md, proved: who may import whom, and which library where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mtvgen"
FILES = sorted(PACKAGE.rglob("*.py"))

# The files that may import a library: its one door into the house.
DOORS = {
    "click": ["cli.py", "commands/"],
    "cookiecutter": ["startproject/create.py"],
    "watchfiles": ["devserver/supervisor/file_watcher.py"],
    "sqlalchemy": ["runtime/models/", "runtime/migrations/", "checks/models.py"],
    "alembic": ["runtime/migrations/"],
    "jinja2": [
        "runtime/templates/",
        "checks/",
        "devserver/pages/error_page.py",
        "devserver/processes/template_cache.py",
    ],
    "multipart": ["runtime/requests/"],
    "itsdangerous": ["runtime/sessions.py"],
    "dotenv": ["runtime/settings/settings.py"],
    "werkzeug": ["runtime/testing.py"],
}


def test_no_file_imports_itself_by_way_of_others():
    graph = {module_name(file): set(project_imports(file)) for file in FILES}
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_library_enters_by_its_door(file):
    inside = file.relative_to(PACKAGE).as_posix()
    for library in library_imports(file):
        doors = DOORS.get(library)
        if doors is None:
            pytest.fail(f"{inside} imports {library}, which has no door in this house")
        assert any(inside.startswith(door) for door in doors), f"{inside} imports {library}"


@pytest.mark.parametrize("file", sorted((PACKAGE / "runtime").rglob("*.py")), ids=lambda f: f.name)
def test_the_runtime_imports_neither_the_tool_nor_its_own_facade(file):
    for name in project_imports(file):
        assert name.startswith("mtvgen.runtime."), f"{file.name} imports {name}"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import mtvgen", set()),
        ("import mtvgen.runtime", {"jinja2"}),
        ("import mtvgen.cli", {"click"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(statement, expected):
    assert libraries_loaded_by(statement) == expected


def test_the_page_about_the_architecture_names_every_file():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    files = {f.name for f in FILES if f.parent.name != "commands" and not f.name.startswith("__")}
    named = set(re.findall(r"\b[a-z_]+\.py\b", page))
    assert files - named == set()


def libraries_loaded_by(statement: str) -> set[str]:
    """The libraries with a door that a fresh interpreter has loaded after one statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.partition(".")[0] for name in done.stdout.split()} & DOORS.keys()


def library_imports(file: Path) -> set[str]:
    """The top-level names of what is neither ours nor the standard library's."""
    known = {*sys.stdlib_module_names, "mtvgen", "markupsafe"}  # markupsafe is Jinja2's own
    return {name.partition(".")[0] for name in imports(file)} - known


def project_imports(file: Path) -> list[str]:
    """Our own modules that a file imports, inside functions too."""
    return [
        name
        for name in imports(file)
        if name.startswith("mtvgen") and name not in (module_name(file), "mtvgen")
    ]


def imports(file: Path) -> Iterator[str]:
    """Every module that a file imports, but for those that only a type checker sees."""
    for node in running_nodes(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if is_module(whole) else str(node.module)


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one, without the bodies of `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from running_nodes(child)


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
