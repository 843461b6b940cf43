"""No version with a known hole is asked for, or is here: tests/advisories.txt says which are.

The table is no service: `python tests/tools/advisories.py` brings it up to date.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.tools.advisories import EXTRAS, SERVERS, Advisory, known, published

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TABLE = known()


def asked_for():
    """What mtvgen asks for: for itself, in the extras of its users, and the manual's servers."""
    optional = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS[1:] for line in optional[extra])]
    lines += [line for line in optional["dev"] if Requirement(line).name in SERVERS]
    return [Requirement(line) for line in lines]


def lowest(requirement):
    """The lowest version that a requirement takes."""
    (floor,) = [part.version for part in requirement.specifier if part.operator in (">=", "==")]
    return floor


@pytest.mark.parametrize("requirement", asked_for(), ids=str)
def test_the_lowest_version_that_is_asked_for_has_no_known_hole(requirement):
    name, floor = canonicalize_name(requirement.name), lowest(requirement)
    assert [row for row in TABLE if row.package == name and row.affects(floor)] == []


@pytest.mark.parametrize("name", sorted({row.package for row in TABLE}))
def test_the_version_that_is_installed_has_no_known_hole(name):
    try:
        here = version(name)
    except PackageNotFoundError:
        return  # what is not here has none
    assert [row for row in TABLE if row.package == name and row.affects(here)] == []


def test_the_table_knows_the_packages_that_had_holes_before():
    assert {"jinja2", "cookiecutter", "multipart", "click", "python-dotenv", "mako"} <= {
        row.package for row in TABLE
    }


@pytest.mark.parametrize(
    ("first", "fixed", "here", "affected"),
    [
        ("0", "1.2.2", "1.2.1", True),
        ("0", "1.2.2", "1.2.2", False),
        ("1.3.0", "1.3.1", "1.2.9", False),
        ("1.3.0", "1.3.1", "1.3.0", True),
        ("1.3.0", "-", "99", True),
        ("0", "26.4.0", "26.4.0rc1", True),
        ("0", "1.10", "1.9", True),
    ],
)
def test_a_version_is_affected_from_the_first_up_to_the_fixed_one(first, fixed, here, affected):
    assert Advisory("p", "CVE", first, fixed).affects(here) is affected


def test_advisories_are_read_as_their_database_publishes_them(tmp_path):
    place = tmp_path / "vulns" / "multipart"
    place.mkdir(parents=True)
    (place / "PYSEC-2026-1.yaml").write_text(
        """
id: PYSEC-2026-1
aliases: [GHSA-xxxx, CVE-2026-2]
affected:
- package: {name: Multipart, ecosystem: PyPI}
  ranges:
  - {type: GIT, events: [{introduced: "0"}, {fixed: abcdef}]}
  - type: ECOSYSTEM
    events: [{introduced: "0"}, {fixed: 1.2.2}, {introduced: 1.3.0}, {fixed: 1.3.1}]
"""
    )
    (place / "PYSEC-2026-3.yaml").write_text("id: PYSEC-2026-3\nwithdrawn: '2026'\naffected: []\n")

    assert list(published(tmp_path, "multipart")) == [
        Advisory("multipart", "CVE-2026-2", "0", "1.2.2"),
        Advisory("multipart", "CVE-2026-2", "1.3.0", "1.3.1"),
    ]
