"""Every hint is taken at its word: the mistake is made, its cure is typed, and it runs."""

from __future__ import annotations

import re

import pytest

from tests.runtime.accounts.test_hints import HINTS
from tests.support import (
    slips_of_addresses,
    slips_of_imports,
    slips_of_responses,
    slips_of_routes,
    slips_of_templates,
    slips_of_views,
    slips_of_wsgi,
)
from tests.support.hints import PACKAGE, Bench, Hint, hints_of

SLIPS = [
    *slips_of_routes.SLIPS,
    *slips_of_addresses.SLIPS,
    *slips_of_views.SLIPS,
    *slips_of_templates.SLIPS,
    *slips_of_wsgi.SLIPS,
    *slips_of_imports.SLIPS,
    *slips_of_responses.SLIPS,
]


# The rooms whose hints are in the table; each of the others has tests of its own for them.
ROOMS = [
    "project",
    "devserver/pages",
    "runtime/application",
    "runtime/http",
    "runtime/logs",
    "runtime/lookup.py",
    "runtime/middleware.py",
    "runtime/requests",
    "runtime/responses",
    "runtime/routing",
    "runtime/security",
    "runtime/sessions",
    "runtime/settings",
    "runtime/static.py",
    "runtime/support",
    "runtime/templates",
]
# Hints about the machine, models, accounts and mail, whose mistakes are made by tests of their own.
MADE_ELSEWHERE = {
    "{} is not known: this system has no time zones. -> pip install tzdata": (
        "tests/runtime/settings/test_settings.py"
    ),
    "middleware=[...] has accounts() twice. -> remove one of them": (
        "tests/runtime/accounts/test_access.py"
    ),
    "write there: application = Application(urlpatterns)": "tests/commands/test_routes.py",
    'below "class {}(Model):" write __tablename__ = "{}"': "tests/project/test_model_cures.py",
    **dict.fromkeys(HINTS, "tests/runtime/accounts/test_hints.py"),
}
# Where each sentence is one that tells what to write, in whatever words.
EVERY_SENTENCE = [
    "runtime/application/view_results.py",
    "runtime/routing/patterns.py",
    "runtime/routing/router.py",
    "runtime/routing/segments.py",
    "runtime/routing/validation.py",
]


@pytest.mark.parametrize("slip", SLIPS, ids=str)
def test_what_a_hint_says_to_write_runs(slip, tmp_path):
    (tmp_path / "wrong").mkdir()
    (tmp_path / "right").mkdir()
    assert slip.says in Bench(tmp_path / "wrong").words_about(slip.wrong)
    Bench(tmp_path / "right").run(slip.right)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """All that is said about the mistakes of the table."""
    return [Bench(tmp_path_factory.mktemp("slip")).words_about(slip.wrong) for slip in SLIPS]


@pytest.mark.parametrize("room", ROOMS)
def test_no_hint_is_missing_from_the_table(room, words):
    files = [PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.py"))
    hints = [hint for file in files for hint in hints_of(file) if hint.text not in MADE_ELSEWHERE]
    assert [hint for hint in hints if not any(map(hint.is_in, words))] == []


@pytest.mark.parametrize("file", EVERY_SENTENCE)
def test_no_sentence_about_urls_and_answers_is_missing_from_the_table(file, words):
    sentences = [
        hint
        for hint in hints_of(PACKAGE / file, lambda text: text.strip().count(" ") > 1)
        if hint.text not in MADE_ELSEWHERE
    ]
    assert [each for each in sentences if not any(map(each.is_in, words))] == []


@pytest.mark.parametrize("text", MADE_ELSEWHERE)
def test_what_is_made_elsewhere_is_made_there(text):
    file = PACKAGE.parent / MADE_ELSEWHERE[text]
    assert text.rpartition(": ")[2] in file.read_text(encoding="utf-8")


def test_a_hint_that_nobody_makes_is_noticed(tmp_path, words):
    file = PACKAGE / "runtime/lookup.py"
    assert not any(map(Hint("lookup.py:1", "no such {}. -> buy one").is_in, words))
    assert list(hints_of(file)) == []


def test_no_hint_speaks_of_the_example():
    """A project of its own has no notes."""
    notes = re.compile(r"\b[Nn]otes?\b").search
    hints = [hint for file in PACKAGE.rglob("*.py") for hint in hints_of(file, notes)]
    texts = {hint.text for hint in hints} - {"note", "note:"}  # mtvgen check's word for a finding
    assert {text for text in texts if not text.startswith("A rename: ")} == set()
