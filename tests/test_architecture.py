"""The rules of docs/architecture.md, proved: who may import whom, and which library where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.attributes import foreign_private_names, unnamed_attributes

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mtvgen"
FILES = sorted(PACKAGE.rglob("*.py"))
RUNTIME = sorted((PACKAGE / "runtime").rglob("*.py"))
FOLDERS = sorted({file.parent for file in FILES})

# The files that may import a library: its one door into the house.
DOORS = {
    "click": ["cli.py", "commands/"],
    "cookiecutter": ["startproject/engine.py"],
    "watchfiles": ["devserver/supervisor/file_watcher.py"],
    "sqlalchemy": [
        "runtime/models/",
        "runtime/migrations/",
        "runtime/forms/database/",
        "runtime/accounts/",
        "runtime/lists/",
        "add/pages/",
        "checks/mapping/",
    ],
    "alembic": ["runtime/migrations/"],
    "jinja2": [
        "add/pages/generate.py",
        "startproject/engine.py",
        "runtime/templates/",
        "checks/",
        "devserver/pages/error_page.py",
        "devserver/compiled_templates.py",
    ],
    "multipart": ["runtime/requests/"],
    "itsdangerous": ["runtime/sessions/"],
    "dotenv": ["runtime/settings/env_file.py"],
    "werkzeug": ["runtime/testing/"],
    "pyflakes": ["checks/views/undefined_names.py"],
}

# The order of the rooms: what stands left may import what stands right, and rooms between the same
# two arrows do not import each other. `__init__` is the face of a room; a chain that shares rooms
# with another one holds beside it.
ORDERS = {
    "mtvgen": [
        (
            "__main__ > cli > commands > lsp, add > devserver > checks, startproject > project"
            " > runtime > manual > bundled, disk, garbage, meanwhile, records, syntax_trees"
            " > styled_text > errors"
        ),
    ],
    "mtvgen.runtime": [
        (
            "testing, __init__ > application, accounts > forms, lists > templates"
            " > sessions, security, logs, models, mail > static, middleware > responses > requests"
            " > routing, settings, lookup"
            " > http, support"
        ),
        "migrations > models > http, support",
    ],
    "mtvgen.checks": [
        (
            "server, __init__, uses > run > known, opening > cache > rendering, silence, forms"
            " > browser > interpreter, markup, reading > templates, loading > routes, deployment"
            " > mapping, views > objects > python > facts"
            " > python_types, parameters > preview > report > project_files > files, places, ids"
        ),
    ],
    "mtvgen.lsp": [
        (
            "server > features, syncing > checking, actions, completion > diagnostics"
            " > workspace > protocol, garbage"
        ),
    ],
    "mtvgen.devserver": [
        (
            "single, supervisor > processes > holding, pages, terminal"
            " > compiled_templates, found_problems, http, address, init_process, refusals, urls"
        ),
    ],
}
MOST_FILES = 14  # of one folder; more is two subjects


def test_no_file_imports_itself_by_way_of_others():
    graph = {module_name(file): set(project_imports(file)) for file in FILES}
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle


def test_a_library_enters_by_its_door():
    imported = [(file, library) for file in FILES for library in library_imports(file)]
    assert {library for _, library in imported} == DOORS.keys()
    assert [
        f"{inside} imports {library}"
        for file, library in imported
        for inside in [file.relative_to(PACKAGE).as_posix()]
        if not inside.startswith(tuple(DOORS[library]))
    ] == []


@pytest.mark.parametrize(
    ("package", "chain"), [(package, chain) for package in ORDERS for chain in ORDERS[package]]
)
def test_the_rooms_stand_in_one_order(package, chain):
    place = {
        room.strip(): number
        for number, rooms in enumerate(chain.split(" > "))
        for room in rooms.split(",")
    }
    upwards = [
        f"{importer} imports {imported}"
        for importer, imported in imports_between_rooms(package)
        if room_of(importer, package) in place
        and room_of(imported, package) in place
        and place[room_of(imported, package)] <= place[room_of(importer, package)]
    ]
    assert upwards == []


@pytest.mark.parametrize("package", ORDERS)
def test_every_room_has_its_place(package):
    named = {room.strip() for chain in ORDERS[package] for room in re.split("[>,]", chain)}
    rooms = {room_of(module_name(file), package) for file in FILES if is_inside(file, package)}
    assert rooms - {"__init__"} == named - {"__init__"}


@pytest.mark.parametrize("package", ORDERS)
def test_no_import_crosses_two_chains(package):
    """Every import between rooms is judged by one chain at least."""
    chains = [set(re.split("[>, ]+", chain)) for chain in ORDERS[package]]
    unjudged = [
        f"{importer} imports {imported}"
        for importer, imported in imports_between_rooms(package)
        if not any({room_of(importer, package), room_of(imported, package)} <= c for c in chains)
    ]
    assert unjudged == []


def test_a_folder_is_one_subject():
    folders = Counter(file.parent for file in FILES if not file.name.startswith("__"))
    assert [folder for folder, count in folders.items() if count > MOST_FILES] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_says_what_it_is_and_where_the_manual_tells_about_it(folder):
    face = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert face
    if folder.parent == PACKAGE / "runtime":
        page = re.search(r"\((docs/[a-z]+\.md)\)", face)
        assert (page and (ROOT / page[1]).is_file()) or "no page of the manual" in face


def test_no_public_function_takes_the_name_of_a_module_beside_it():
    """`import mtvgen.runtime.conditional as m` must never give a function."""
    for folder in FOLDERS:
        names = defined_or_imported(folder / "__init__.py")
        beside = {f.stem for f in folder.glob("*.py")} | {
            f.name for f in folder.iterdir() if (f / "__init__.py").is_file()
        }
        assert names & beside - {"__init__"} == set(), folder


def test_no_file_reads_or_sets_a_private_attribute_of_anothers():
    foreign = {file: foreign_private_names(file.read_text(encoding="utf-8")) for file in FILES}
    assert {file: names for file, names in foreign.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "foreign"),
    [
        ("request._db", {"request._db"}),
        ("request._db = None", {"request._db"}),
        ("del handler.request._db", {"handler.request._db"}),
        ('getattr(request, "_db", None)', {'getattr(request, "_db")'}),
        ('setattr(request, "_db", 1)', {'setattr(request, "_db")'}),
        ("class A:\n    def f(self): return self._own", set()),
        ("class A:\n    __slots__ = ('_own',)\ndef f(a: A): return a._own", set()),
        ("request.__class__", set()),
        ('getattr(view, "__name__", "")', set()),
        ("sys._getframe(1)", set()),
    ],
)
def test_a_private_attribute_of_anothers_is_noticed(source, foreign):
    assert foreign_private_names(source) == foreign


@pytest.mark.parametrize("file", RUNTIME, ids=lambda file: file.name)
def test_layers_share_what_the_record_or_the_manual_names(file):
    """What tests/docs/test_reference.py finds in the manual, and what RequestLife declares."""
    unnamed = unnamed_attributes(file.read_text(encoding="utf-8"))
    own = f"{file.stem}._" if file.stem in ("request", "response") else None
    assert {name for name, text in unnamed if not (own and name.startswith(own))} == set()


@pytest.mark.parametrize(
    ("source", "unnamed"),
    [
        ("request.failed = True", "request.failed"),
        ("self._request.failed", "request.failed"),
        ("response.was_sent", "response.was_sent"),
        ("def f(life: RequestLife): life.failed", "life.failed"),
        ("def f(it: Request): it.failed", "request.failed"),
        ("def f(it: Response | None): it.was_sent", "response.was_sent"),
        ("answer = Response('')\nanswer.was_sent = 1", "response.was_sent"),
        ("request.opened_db, request.environ, response.error", None),
    ],
)
def test_an_attribute_that_nobody_names_is_noticed(source, unnamed):
    assert {name for name, _ in unnamed_attributes(source)} == ({unnamed} if unnamed else set())


def test_the_runtime_imports_neither_the_tool_nor_its_own_facade():
    assert [
        f"{file} imports {name}"
        for file in RUNTIME
        for name in project_imports(file)
        if not name.startswith("mtvgen.runtime.")
    ] == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import mtvgen", set()),
        ("import mtvgen.runtime", {"jinja2"}),
        # A search or a login by a form class loads no SQLAlchemy.
        ("import mtvgen.runtime.forms", {"jinja2"}),
        ("import mtvgen.cli", {"click"}),
        # What `runserver` has loaded when it forks the process that imports the project.
        ("import mtvgen.commands.runserver, mtvgen.devserver.processes.launch", {"click"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(statement, expected):
    assert {name.partition(".")[0] for name in loaded_by(statement)} & DOORS.keys() == expected


def test_a_site_loads_no_extension_of_jinja2():
    assert "jinja2.ext" not in loaded_by("import mtvgen.runtime")


def test_the_page_about_the_architecture_is_the_tour_of_the_tree():
    tour = ROOT / "tests" / "tools" / "tour.py"
    done = subprocess.run([sys.executable, tour, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stderr} -> python tests/tools/tour.py"


@pytest.mark.parametrize("chain", [chain for chains in ORDERS.values() for chain in chains])
def test_the_page_about_the_architecture_shows_the_order_of_the_rooms(chain):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert chain in re.sub(r"\s+", " ", page)


def imports_between_rooms(package: str) -> Iterator[tuple[str, str]]:
    """The imports of a package from one of its rooms into another, as modules' names."""
    for file in FILES:
        importer = module_name(file)
        if is_inside(file, package):
            for imported in project_imports(file):
                is_ours = f"{imported}.".startswith(f"{package}.")
                if is_ours and room_of(imported, package) != room_of(importer, package):
                    yield importer, imported


def is_inside(file: Path, package: str) -> bool:
    return f"{module_name(file)}.".startswith(f"{package}.")


def room_of(module: str, package: str) -> str:
    """The room of a package that a module is in: a folder, or a file that stands by itself."""
    return module.removeprefix(package).lstrip(".").partition(".")[0] or "__init__"


def defined_or_imported(file: Path) -> set[str]:
    """The names that a file gives to functions and classes, or imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = (ast.FunctionDef, ast.ClassDef)
    defined = {node.name for node in tree.body if isinstance(node, named)}
    return defined | {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and not is_module(f"{node.module}.{node.names[0].name}")
        for alias in node.names
    }


@cache
def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after one statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stdout.split())


def library_imports(file: Path) -> set[str]:
    """The top-level names of what is neither ours nor the standard library's."""
    of_the_libraries = {"markupsafe", "binaryornot"}  # Jinja2's own, and cookiecutter's
    known = {*sys.stdlib_module_names, "mtvgen"} | of_the_libraries
    return {name.partition(".")[0] for name in imports(file)} - known


def project_imports(file: Path) -> list[str]:
    """Our own modules that a file imports, inside functions too."""
    return [
        name
        for name in imports(file)
        if name.startswith("mtvgen") and name not in (module_name(file), "mtvgen")
    ]


@cache  # ten tests ask for each
def imports(file: Path) -> tuple[str, ...]:
    """Every module that a file imports, but for those that only a type checker sees."""
    nodes = running_nodes(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(name for node in nodes for name in imported_by(node))


def imported_by(node: ast.AST) -> Iterator[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            yield whole if is_module(whole) else str(node.module)


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one, without the bodies of `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
            continue
        yield child
        yield from running_nodes(child)


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
