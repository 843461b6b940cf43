"""What the checks know are classes, and each match over a closed set knows them all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mtvgen.checks
from mtvgen.checks import python_types
from mtvgen.checks.interpreter import findings, values
from mtvgen.checks.views import callees, calls

CHECKS = Path(mtvgen.checks.__file__).parent
FILES = sorted(CHECKS.rglob("*.py"))
OF_MACROS = {"Macro", "TemplateModule"}  # values, too, which know of scopes


def records_of(module) -> set[str]:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef) and is_closed(node)}


def is_closed(node: ast.ClassDef) -> bool:
    return "record(frozen=True, slots=True)" in map(ast.unparse, node.decorator_list)


def names_in(module, *aliases: str) -> set[str]:
    """The classes that the aliases of a module list."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    listed = {
        node.target.id: ast.unparse(node.value).strip("'")
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
    }
    names: set[str] = set()
    for alias in aliases:
        for name in listed[alias].split(" | "):
            names |= names_in(module, name) if name in listed else {name}
    return names


@pytest.mark.parametrize(
    ("module", "alias", "elsewhere"),
    [
        (values, "Value", OF_MACROS),
        (findings, "Finding", {"values.Passed", "values.Attribute", "values.Undefined"}),
        (python_types, "KnownType", set()),
        (callees, "Callee", {"UrlFor"}),
        (calls, "Rest", set()),
    ],
    ids=["values", "findings", "types", "callees", "rests"],
)
def test_every_class_belongs_to_its_set(module, alias, elsewhere):
    assert names_in(module, alias) == records_of(module) | elsewhere


CLOSED = {
    *records_of(values),
    *records_of(findings),
    *records_of(python_types),
    *records_of(callees),
    *records_of(calls),
    *OF_MACROS,
    *("Existing", "Uncertain", "Fault", "Direct", "Derived", "Reason"),
}


def matches() -> Iterator[tuple[str, ast.Match]]:
    """Every match over one of the closed sets, with its place."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Match) and classes_of(node) & CLOSED:
                yield f"{file.relative_to(CHECKS)}:{node.lineno}", node


def classes_of(match: ast.Match) -> set[str]:
    patterns = [part for case in match.cases for part in ast.walk(case.pattern)]
    named = [part.cls for part in patterns if isinstance(part, ast.MatchClass)]
    named += [part.value for part in patterns if isinstance(part, ast.MatchValue)]
    written = (ast.unparse(one).split(".") for one in named)
    return {name for dotted in written if dotted[0] not in ("nodes", "ast") for name in dotted}


def test_every_match_over_a_closed_set_ends_in_assert_never():
    found = dict(matches())

    assert len(found) > 8
    for place, match in found.items():
        last = f"case _:\n    assert_never({ast.unparse(match.subject)})"
        assert unparsed(match.cases[-1]) == last, place


def unparsed(case: ast.match_case) -> str:
    body = "\n".join(ast.unparse(statement) for statement in case.body)
    return f"case {ast.unparse(case.pattern)}:\n    {body}"


def test_nothing_is_known_by_the_text_that_a_tuple_begins_with():
    compared = [
        f"{file.relative_to(CHECKS)}:{node.lineno}: {ast.unparse(node)}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Compare) and compares_a_beginning(node)
    ]
    assert compared == []


def compares_a_beginning(node: ast.Compare) -> bool:
    """`value[0] == "attr"`, `value[0] in ("attr", "elem")`, `value[:2] == ("context", name)`."""
    left = ast.unparse(node.left)
    if not left.endswith(("[0]", "[:1]", "[:2]")):
        return False
    sides = [side for side in node.comparators if not isinstance(node.ops[0], ast.In | ast.NotIn)]
    sides += [item for side in node.comparators for item in getattr(side, "elts", ())]
    # The first part of an address may be empty.
    texts = [one.value for one in sides if isinstance(one, ast.Constant)]
    return any(isinstance(text, str) and text for text in texts)
