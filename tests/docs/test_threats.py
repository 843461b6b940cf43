"""docs/security.md promises nothing without a test, and says of Django what Django says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import global_settings as django

from tests.support.pages import DOCS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (DOCS / "security.md").read_text(encoding="utf-8")


def rows(header):
    """The rows of the page's table with a header, each as its cells."""
    _, _, rest = PAGE.partition(f"{header}\n")
    lines = rest.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


THREATS = [row for row in rows("| threat | promise | held by |") if row[1]]
HELD_BY = [(row[0], test) for row in THREATS for test in re.findall(r"`([^`]+)`", row[2])]


@pytest.mark.parametrize(("threat", "test"), HELD_BY, ids=[test for _, test in HELD_BY])
def test_a_threat_has_the_test_that_the_page_names(threat, test):
    file, _, name = test.partition("::")
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:    )?def {re.escape(name)}", source, re.M), f"{threat}: {test}"


def test_every_threat_has_a_test():
    assert len(THREATS) > 30
    assert [row[0] for row in THREATS if "::" not in row[2]] == []


def test_no_test_names_a_threat_by_a_number():
    numbered = re.compile(r"^def (test_[a-z]\d+_\w+)", re.M)
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in numbered.findall(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("row", "said", "holds"),
    [
        ("hosts", "checked", django.ALLOWED_HOSTS == []),
        ("frames", "none", django.X_FRAME_OPTIONS == "DENY"),
        ("`nosniff`, Referrer-Policy", "on", django.SECURE_CONTENT_TYPE_NOSNIFF),
        (
            "Cross-Origin-Opener-Policy",
            "on",
            django.SECURE_CROSS_ORIGIN_OPENER_POLICY == "same-origin",
        ),
        ("Strict-Transport-Security", "off", django.SECURE_HSTS_SECONDS == 0),
        ("http to https", "off", not django.SECURE_SSL_REDIRECT),
        ("secure cookies", "off", not django.SESSION_COOKIE_SECURE),
        ("a session is kept", "in the database", django.SESSION_ENGINE.endswith(".db")),
        ("a session ends by itself", "two weeks", django.SESSION_COOKIE_AGE == 14 * 86_400),
        ("passwords", "PBKDF2", "PBKDF2" in django.PASSWORD_HASHERS[0]),
    ],
)
def test_what_the_page_says_of_django_is_what_its_settings_say(row, said, holds):
    (cells,) = [
        cells for cells in rows("| | mtvgen | Django | Rails | Phoenix |") if cells[0] == row
    ]
    assert said in cells[2]
    assert holds
