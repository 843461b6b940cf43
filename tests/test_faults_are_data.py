"""No sentence is read back to find out what it means: faults are data, and texts are made of them.

Other libraries say some things in words alone; the functions that read those are listed by name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mtvgen

PACKAGE = Path(mtvgen.__file__).parent
FILES = sorted(file for file in PACKAGE.rglob("*.py") if "project_template" not in file.parts)

# What reads a text, as a method of it or with it as an argument.
READERS = frozenset(
    {"split", "rsplit", "partition", "rpartition", "startswith", "endswith", "removeprefix"}
    | {"removesuffix", "find", "index", "count"}
)
MATCHERS = frozenset({"match", "search", "fullmatch", "findall", "finditer", "sub", "split"})
# Attributes and names that hold a sentence of an error or a problem.
SENTENCES = frozenset({"message", "cure", "hint", "advice", "sentence"})
ERRORS = frozenset({"error", "err", "exc", "exception", "cause", "problem", "fault", "mistake"})
# How this house divides a sentence from its cure, and what it begins a suggestion with.
OUR_WORDS = (" -> ", "-> ", "Did you mean", " Did you mean ")

# Each function with the library whose words it reads, because they are all that there is.
QUOTES_OTHERS = {
    "devserver/pages/error_hints.py:_hint_of_method": "Python",
    "devserver/pages/error_hints.py:_hint_of_import": "Python",
    "devserver/pages/error_hints.py:_hint_of_lock": "SQLite",
    "devserver/pages/error_report.py:_sentence": "Python",
    "devserver/supervisor/file_watcher.py:_without_paths": "watchfiles",
    "project/loading.py:_lacks_urlpatterns": "Python",
    "runtime/migrations/failures.py:_sentence": "the drivers of databases",
    "runtime/models/faults.py:read_postgresql": "libpq, and psycopg where it has no code",
    "runtime/models/faults.py:read_sqlite": "SQLite",
    "runtime/models/postgresql.py:_connector.connect": "libpq",
    "runtime/models/violations.py:_read_sqlite": "SQLite",
    "runtime/templates/rendering.py:_undefined_message": "Jinja2",
    "runtime/templates/syntax_errors.py:_foreign": "Jinja2",
    "runtime/templates/syntax_errors.py:explain_syntax": "Jinja2",
}
# What looks the same, and finds nothing out.
NO_MEANING = {
    "checks/routes/routes.py:_ended": "puts a full stop behind a sentence",
    "devserver/pages/error_report.py:_divided": "shows a text's end in a box of its own",
    "devserver/processes/restart_worker.py:StreamingWorker._tell_pages": "a dict of a process",
    "lsp/protocol/rpc.py:Dispatcher.handle_next": "a dict of a client",
    "lsp/protocol/rpc.py:Dispatcher._parsed": "a dict of a client",
}


def is_sentence(node: ast.AST) -> bool:
    """Whether an expression is what an error says: `str(error)`, `problem.message`, `message`."""
    if isinstance(node, ast.Attribute):
        return node.attr in SENTENCES
    if isinstance(node, ast.Name):
        return node.id in SENTENCES
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return any(is_error(argument) for argument in node.args)
    if isinstance(node, ast.JoinedStr):
        parts = (part.value for part in node.values if isinstance(part, ast.FormattedValue))
        return any(is_error(part) for part in parts)
    return False


def is_error(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name in ERRORS


def is_name_of_class(node: ast.AST) -> bool:
    """`type(error).__name__`."""
    is_type = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call)
    return is_type and node.attr == "__name__" and getattr(node.value.func, "id", "") == "type"


def readings(tree: ast.AST) -> Iterator[tuple[str, int, str]]:
    """Each place that reads a sentence: the function that it is in, the line, and the code."""

    def visit(node: ast.AST, inside: str) -> Iterator[tuple[str, int, str]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{inside}.{node.name}".lstrip(".")
        if reads_a_sentence(node):
            yield inside, node.lineno, ast.unparse(node)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    yield from visit(tree, "")


def reads_a_sentence(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        sides = (node.left, *node.comparators)
        is_in = any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
        if is_in and any(is_sentence(side) for side in node.comparators):
            return True
        return any(is_name_of_class(side) for side in sides)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    called, on = node.func.attr, node.func.value
    divides = any(isinstance(arg, ast.Constant) and arg.value in OUR_WORDS for arg in node.args)
    # Without an argument, split() is about white space.
    if called in READERS and node.args and (is_sentence(on) or divides):
        return True
    return called in MATCHERS and any(is_sentence(argument) for argument in node.args)


@pytest.fixture(scope="module")
def trees():
    """Each file by its name, parsed."""
    return {
        file.relative_to(PACKAGE).as_posix(): ast.parse(file.read_text("utf-8")) for file in FILES
    }


def test_no_sentence_is_read_to_find_out_what_it_means(trees):
    found = [
        f"{place}:{line} in {function}: {code}"
        for place, tree in trees.items()
        for function, line, code in readings(tree)
        if f"{place}:{function}" not in QUOTES_OTHERS | NO_MEANING
    ]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "'both' in error.message",
        "'x' not in str(error)",
        "re.match('a', error.message)",
        "pattern.search(f'{kind}: {error}')",
        "message.partition(': ')",
        "str(cause).startswith('x')",
        "text.split(' -> ')",
        "line.partition(' Did you mean ')",
        "type(error).__name__ == 'OperationalError'",
        "type(errors[0]).__name__ in ('A', 'B')",
    ],
)
def test_a_reading_is_noticed(code):
    assert list(readings(ast.parse(code)))


def test_each_function_that_quotes_others_still_does(trees):
    reading = {
        f"{place}:{function}" for place, tree in trees.items() for function, _, _ in readings(tree)
    }
    assert (QUOTES_OTHERS | NO_MEANING).keys() - reading == set()


# The shape that all faults share; the tool's own has it without importing the runtime.
SHAPES = {"runtime/support/faults.py", "errors.py"}


def test_no_exception_has_a_shape_of_its_own(trees):
    own = [
        f"{place}:{node.lineno} {described.name} sets {node.attr}"
        for place, tree in trees.items()
        if place not in SHAPES
        for described in ast.walk(tree)
        if isinstance(described, ast.ClassDef) and is_exception(described)
        for node in ast.walk(described)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if node.attr in ("message", "cure", "sentence", "advice")
    ]

    assert own == []


def is_exception(described: ast.ClassDef) -> bool:
    """Whether a class is an exception, by its name or by that of a base."""
    names = [described.name, *(ast.unparse(base) for base in described.bases)]
    return any(name.endswith(("Error", "Exception", "Fault")) for name in names)
