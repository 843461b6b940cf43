"""A site of a library works, and of the mistakes that people make in it these are found.

    MTVGEN_FULL=1 pytest tests/checks/test_seeded_site.py -s

makes all of them, and prints how many of each kind are found; without it, a fixed part is made.
Where a mistake comes to be found: `python tests/tools/seeded_marks.py --write`.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.checks.checker import Checker
from tests.checks.seeded_site import (
    Mistake,
    is_reported,
    read_mistakes,
    read_site,
    with_mistake,
    write_site,
)
from tests.checks.site_runner import SiteRunner

MISTAKES = read_mistakes()
# Each edit of a Python file costs an import of the site: all of them take 40 s of the processor.
SAMPLE = MISTAKES if os.environ.get("MTVGEN_FULL") else MISTAKES[::12]

# Of a hundred mistakes of a kind, how many are found at least.
FLOORS = {
    "HTML and set": 92,
    "addresses and files": 100,
    "addresses by name": 100,
    "answers that are lost": 100,
    "filters and tests": 100,
    "forms: files and addresses": 100,
    "forms: limits": 87,
    "forms: names": 100,
    "middleware and letters": 100,
    "models and migrations": 96,
    "models in views": 97,
    "names and templates": 100,
    "old names in Python": 100,
    "old names in templates": 100,
    "requests and settings": 100,
    "templates: attributes and None": 89,
    "undefined names": 100,
    "urls.py": 88,
    "what the browser drops": 100,
    "what the browser should not run": 100,
}
# What the pages show of the rows that rows.py makes.
PAGES = {
    "/": "The Second",
    "/about": "Elm Street 4",
    "/search?q=first": "1 found for",
    "/books": "Page 1 of 1",
    "/books/1": "Wonderful.",
    "/authors": "born 1904",
    "/authors/1": "500 pages in all",
    "/genres": "Crime</a> 1",
    "/genres/crime": "The First is long.",
    "/branches": "555 1904",
    "/branches/1": "Shelf C 4",
    "/sign-up": "A password",
    "/log-in": "Password",
    "/events": "TEA",
    "/events/2020/1": "A walk",
    "/events/2": "It is over.",
    "/api/books/1?reviews=1": '"by":"Ada"',
    "/nowhere": "Not found",
    "POST /log-in email=ada@example.org password=12345678 next=/me": "The First until",
    "/books/new": "A new book",
    "/books/1/edit": "Edit The First",
    "/members": "ada@example.org",
    "/loans": "1 late",
    "/reviews/1": "Your review",
    "POST /books/2/delete": "Page 1 of 1",
    "POST /books/1/reviews stars=4 text=Again": "Again",
    "POST /events/1/seats": "I will come",
    "POST /loans/1/return": "Loans",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, which all edits share, as in `mtvgen runserver`."""
    root = tmp_path_factory.mktemp("seeded").resolve() / "library"
    write_site(root)
    return root


def test_the_site_has_no_problem(root: Path, checker: Checker) -> None:
    assert checker.check(root).problems == ()


def test_the_site_works(root: Path) -> None:
    requests = [page if page.startswith("POST") else f"GET {page}" for page in PAGES]
    sites = SiteRunner()
    answers = sites.ask(root, requests)
    sites.close()
    for request, text, (status, answer) in zip(requests, PAGES.values(), answers, strict=True):
        assert (status, text in answer) == (404 if "nowhere" in request else 200, True), (
            f"{request}: {status} {answer}"
        )


def test_each_mistake_is_one_edit_of_the_site_and_has_a_place_in_it() -> None:
    site = read_site()
    for mistake in MISTAKES:
        assert mistake.edited(site[mistake.file]) != site[mistake.file]
        assert mistake.place_in(site).line
    assert len(set(MISTAKES)) == len(MISTAKES)


def test_most_mistakes_are_those_of_somebody_who_comes_from_elsewhere() -> None:
    assert len(MISTAKES) >= 250
    assert sum(mistake.is_newcomers for mistake in MISTAKES) * 2 >= len(MISTAKES)


def test_enough_of_each_kind_is_found() -> None:
    found, all_of = Counter(), Counter()
    for mistake in MISTAKES:
        found[mistake.kind] += mistake.is_found
        all_of[mistake.kind] += 1
    for kind, count in all_of.items():
        print(f"{kind:35} {found[kind]:3} of {count:3}")
        assert found[kind] * 100 >= FLOORS.get(kind, 0) * count, kind
    print(
        f"{'all':35} {found.total():3} of {all_of.total():3}, {found.total() / all_of.total():.0%}"
    )
    assert FLOORS.keys() <= all_of.keys()


def test_what_is_marked_as_found_is_found_and_nothing_else_is(root: Path, checker: Checker) -> None:
    def is_found(mistake: Mistake) -> bool:
        return is_reported(mistake, with_mistake(mistake, root, partial(checker.check, root)))

    # Python files last: each edit of a template would wait for an import in between.
    ordered = sorted(SAMPLE, key=lambda mistake: (mistake.file.endswith(".py"), mistake.file))
    wrong = [mistake for mistake in ordered if is_found(mistake) != mistake.is_found]
    assert [str(mistake) for mistake in wrong if mistake.is_found] == [], "not found any more"
    assert [str(mistake) for mistake in wrong] == [], "found now: seeded_marks.py --write"
