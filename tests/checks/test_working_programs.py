"""What works gets no report: two hundred small projects, each asked first and then checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.checker import Checker
from tests.checks.programs import read_programs
from tests.checks.site_runner import SiteRunner

# These projects make their tables as they start, and have no migrations.
NOT_ASKED = {"models.no-migration"}

# Those that still get one.
NOT_YET = {
    "addresses: another object's method of the name url_for",
    "addresses: url_for of an object that the view is given",
    "attributes: an attribute that the view puts on a row",
    "attributes: an attribute that a helper of another file puts there",
    "attributes: a class filled from a dict",
    "attributes: vars() and setattr in a loop",
    "attributes: __slots__, cached_property and a descriptor",
    "attributes: a class attribute added after the class",
    "attributes: setattr with a constant name on a model",
    "attributes: keyword arguments kept by setattr in __init__",
    "attributes: an object that a function fills before it gives it back",
    "attributes: attributes bound by for, with and augmented assignment",
    "attributes: a child where the annotation names the parent",
    "attributes: a grandchild in another file",
    "decorators: a decorator that turns the id into a row",
    "decorators: a decorator that takes a parameter away",
    "decorators: a decorator that adds a parameter",
    "decorators: two decorators, one that changes the arguments",
    "decorators: a decorator class",
    "decorators: a decorator that hands on an argument by its place",
    "decorators: a decorated view whose id is converted",
    "decorators: a cache that is warmed by a function that is no view",
    "flags: a link that only one kind of page has",
    "flags: a decided test below eleven undecided ones",
    "flags: a decided test behind nine of literal data",
    "flags: a route behind a flag",
    "flags: a file behind a flag",
    "forms: a form whose address is another route's, by the same pattern",
    "forms: an address that another name serves, with and without a query",
    "forms: buttons with a method and an address of their own",
    "forms: data attributes that end in method and action",
    "forms: an upload that a script sends",
    "loaders: templates from a dict next to those of the directory",
    "loaders: a global function with arguments",
    "macros: a macro that dispatches by a test",
    "macros: a child's macro that uses what its parent defines",
    "macros: a macro of the middle that uses what the top defines",
    "models: the parent of a hierarchy shows what a child has",
    "models: an attribute set by the model's own method",
    "models: an abstract base in a file of its own, imported by the models' files",
    "models: models imported as modules",
    "models: models in a package below",
    "models: models gathered in another file",
    "models: one row of a joined hierarchy",
    "models: dynamic and write-only relations",
    'models: lazy="dynamic" as older code has it',
    "rendering: a partial of render",
    "rendering: render by another name in the module",
    "rendering: a mail that is rendered without a request",
    "rendering: a partial of render with its request and template",
    "rendering: render under another name inside a function",
    "rendering: mails of several kinds",
    "types: a parameter of unknown type that one branch binds",
    "types: a list of two kinds",
    "types: lists that grow by insert, extend, += and a slice",
    "types: a name that match, except, import and def bind again",
    "types: a walrus in a comprehension and a nonlocal name",
    "types: a template's name that an inner function changes",
    "types: a class that is defined in both arms of an if, and one bound again",
    "types: an empty dict that is filled",
}


@pytest.fixture(scope="module")
def sites() -> Iterator[SiteRunner]:
    """A process that runs projects."""
    sites = SiteRunner()
    yield sites
    sites.close()


PROGRAMS = {f"{subject}: {program.title}": program for subject, program in read_programs()}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_works(name: str, tmp_path: Path, sites: SiteRunner) -> None:
    root = tmp_path.resolve() / "site"
    PROGRAMS[name].write(root)
    requests, pages = zip(*PROGRAMS[name].requests, strict=True)

    answers = sites.ask(root, requests)

    for request, page, (status, text) in zip(requests, pages, answers, strict=True):
        assert status == 200, f"{request}: {status} {text}"
        assert page in text, f"{request}: {text}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_works_gets_no_report(
    name: str, tmp_path: Path, checker: Checker, request: pytest.FixtureRequest
) -> None:
    if name in NOT_YET:
        request.applymarker(pytest.mark.xfail(strict=True))
    root = tmp_path.resolve() / "site"
    PROGRAMS[name].write(root)

    report = checker.check(root)

    assert [str(line) for line in report.problems if line.id not in NOT_ASKED] == []
