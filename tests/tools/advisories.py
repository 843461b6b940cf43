"""Bring tests/advisories.txt up to date, on a machine with the internet.

    git clone --depth 1 https://github.com/pypa/advisory-database /tmp/advisories
    python tests/tools/advisories.py /tmp/advisories

Rows of packages that mtvgen brings along, itself or by what it needs, are added; rows that are
there stay. tests/test_advisories.py then compares them with pyproject.toml and what is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

TABLE = Path(__file__).parents[1] / "advisories.txt"
# What a project may bring along; the peers that mtvgen is measured against are none of it.
EXTRAS = ("", "test", "postgresql", "servers")
SERVERS = {"gunicorn", "waitress"}  # which the manual tells to install


class Advisory(NamedTuple):
    """That the versions of a package from `first` on, and before `fixed`, have a hole.

    Attributes:
        identifier: A CVE's number, or that of PyPI's or GitHub's database where there is none.
        first: `0` where all versions before are affected.
        fixed: `-` where there is no version without it yet.
    """

    package: str
    identifier: str
    first: str
    fixed: str

    def affects(self, version: str) -> bool:
        """Whether a version has the hole."""
        here = Version(version)
        return here >= Version(self.first) and (self.fixed == "-" or here < Version(self.fixed))


def known() -> list[Advisory]:
    """The rows of the table."""
    lines = (line.partition("#")[0].split() for line in TABLE.read_text("utf-8").splitlines())
    return [Advisory(*words) for words in lines if words]


def packages() -> set[str]:
    """mtvgen's dependencies, the servers of the manual, and what they need in turn."""
    found = set(SERVERS)
    waiting = [("mtvgen", EXTRAS), *((name, ("",)) for name in SERVERS)]
    while waiting:
        name, extras = waiting.pop()
        try:
            lines = requires(name) or []
        except PackageNotFoundError:  # for another system
            continue
        for requirement in map(Requirement, lines):
            wanted = any(
                requirement.marker is None or requirement.marker.evaluate({"extra": extra})
                for extra in extras
            )
            needed = canonicalize_name(requirement.name)
            if wanted and needed != "mtvgen" and needed not in found:
                found.add(needed)
                waiting.append((needed, ("", *requirement.extras)))
    return found


def published(database: Path, package: str) -> Iterator[Advisory]:
    """The advisories of a package in a checkout of PyPI's database (OSV format)."""
    for file in sorted((database / "vulns" / package).glob("*.yaml")):
        record = yaml.safe_load(file.read_text("utf-8"))
        if "withdrawn" in record:
            continue
        cves = [name for name in record.get("aliases", []) if name.startswith("CVE-")]
        identifier = cves[0] if cves else record["id"]
        for affected in record["affected"]:
            if canonicalize_name(affected["package"]["name"]) != package:
                continue
            for stretch in affected.get("ranges", []):
                if stretch["type"] == "ECOSYSTEM":
                    yield from _stretches(package, identifier, stretch["events"])


def _stretches(package: str, identifier: str, events: list[dict[str, Any]]) -> Iterator[Advisory]:
    first = None
    for event in events:
        if "introduced" in event:
            first = str(event["introduced"])
        elif "fixed" in event and first is not None:
            yield Advisory(package, identifier, first, str(event["fixed"]))
            first = None
    if first is not None:
        yield Advisory(package, identifier, first, "-")


def write(rows: set[Advisory]) -> None:
    """The table, with the comment at its top."""
    head = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("#")]
    lines = [f"{row.package:18} {row.identifier:18} {row.first:10} {row.fixed}" for row in rows]
    TABLE.write_text("\n".join([*head, *sorted(lines)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    database = Path(sys.argv[1])
    write({*known(), *(row for name in packages() for row in published(database, name))})
