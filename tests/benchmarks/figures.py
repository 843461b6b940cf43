"""The figures of the pages, from what the benchmarks kept; nobody types one.

    python tests/benchmarks/figures.py --measure    measure anew, then the rest: ten minutes
    python tests/benchmarks/figures.py              write the tables and the chart into the pages
    python tests/benchmarks/figures.py --check      say which page holds other figures, and fail

What is kept lies in docs/figures/: peers.json, one_page.json, devserver.json, schema_changes.json,
each as its script writes it with `--json`. A page says with `<!-- figures: NAME -->` where the
table NAME begins, and with `<!-- figures end -->` where it ends.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.benchmarks.bars import draw_bars
from tests.benchmarks.chart import draw

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KEPT = ROOT / "docs" / "figures"
CHART = ROOT / "docs" / "performance.svg"
BARS = ROOT / "docs" / "pictures" / "speed.svg"
PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "docs" / "comparison.md",
    ROOT / "docs" / "performance.md",
]
MEASURED_BY = {
    "peers": "peers.py",
    "one_page": "one_page.py",
    "devserver": "devserver.py",
    "schema_changes": "schema_changes/compare.py",
}
BLOCK = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- figures end -->)", re.S)

# The columns of the large table: those first that most readers look for, the floor last.
ORDER = [
    "mtvgen",
    "Flask",
    "Django",
    "startproject",
    "Bottle",
    "Falcon",
    "Pyramid",
    "wheezy.web",
    "bare",
]
SHOWN = {"startproject": "new Django project", "bare": "bare WSGI"}
PACKAGES = {
    "mtvgen": "mtvgen",
    "wheezy.web": "wheezy.web",
    "falcon": "Falcon",
    "bottle": "Bottle",
    "flask": "Flask",
    "pyramid": "Pyramid",
    "django": "Django",
    "tornado": "Tornado",
    "gunicorn": "gunicorn",
    "jinja2": "Jinja2",
    "sqlalchemy": "SQLAlchemy",
    "alembic": "Alembic",
}
EDITS = {
    "start ms": "start to first answer, ms",
    "edit ms": "edit to served, ms, median",
    "slowest": "the slowest, ms",
    "lost": "lost",
    "refused": "refused",
}

# README's rows: what the request is, its workload, and whose figure stands for Django.
FIRST = [
    ("a text", "一段文本", "a", "Django"),
    ("a page: layout, heading, 20 rows", "一个页面：布局、标题、20 行", "e", "Django"),
    ("the last of 1,000 addresses", "1,000 个地址中的最后一个", "d1000", "Django"),
    (
        "a text, with all that a new project switches on",
        "一段文本，新项目的全部功能都打开",
        "k",
        "startproject",
    ),
]
SAVED = ("from a saved edit to the new page", "从保存到新页面")

Documents = dict[str, Any]


def main() -> int:
    """Measure if that is asked for, then write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--measure", action="store_true", help="run the benchmarks first")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    if options.measure:
        measure()
    stale = [
        file
        for file, text in wanted().items()
        if not file.exists() or file.read_text("utf-8") != text
    ]
    for file in stale:
        print(f"{'other figures in' if options.check else 'wrote'} {file.relative_to(ROOT)}")
        if not options.check:
            file.write_text(wanted()[file], encoding="utf-8")
    return 1 if options.check and stale else 0


def measure() -> None:
    """Run the scripts. devserver.py tells by its exit code that a promise is broken: go on."""
    for name, script in MEASURED_BY.items():
        command = [sys.executable, HERE / script, "--json", KEPT / f"{name}.json"]
        subprocess.run(command, check=name != "devserver")


def wanted() -> dict[Path, str]:
    """Every file that holds figures, as it should be."""
    documents = {file.stem: json.loads(file.read_text("utf-8")) for file in KEPT.glob("*.json")}
    pages = {page: filled(page, documents) for page in PAGES if page.exists()}
    drawn = {CHART: draw(documents["peers"]), BARS: draw_bars(documents["peers"])}
    return {**pages, **drawn}


def filled(page: Path, documents: Documents) -> str:
    """A page with its tables written anew."""
    chinese = page.name.endswith(".zh-CN.md")

    def fill(block: re.Match[str]) -> str:
        lines = TABLES[block[2]](documents, chinese)
        return f"{block[1]}\n" + "\n".join(lines) + f"\n\n{block[3]}"

    return BLOCK.sub(fill, page.read_text(encoding="utf-8"))


def requests(documents: Documents, chinese: bool) -> list[str]:
    """Microseconds in process: a row a workload, a column a framework."""
    del chinese  # only README's table is translated
    workloads = documents["peers"]["workloads"]
    medians = {key: _medians(documents, key) for key in workloads}
    names = [name for name in ORDER if any(name in row for row in medians.values())]
    rows = [
        [escape(f"{key}. {workloads[key]['title']}"), *(_number(row.get(name)) for name in names)]
        for key, row in medians.items()
    ]
    return _table(["", *(SHOWN.get(name, name) for name in names)], rows)


def over_a_socket(documents: Documents, chinese: bool) -> list[str]:
    """The page of the comparison, served: a row a framework and server."""
    del chinese
    rows = [
        [name, _number(round(median(taken["rate"]))), _number(round(median(taken["us"])))]
        for name, taken in documents["one_page"]["measured"].items()
    ]
    return _table(["", "requests a second", "processor time a request, µs"], rows)


def edits(documents: Documents, chinese: bool) -> list[str]:
    """What the development servers do: a row a framework and site."""
    del chinese
    sites = documents["devserver"]["sites"]
    rows = [
        [name.replace(" / ", ", "), *(_number(figures.get(key)) for key in EDITS)]
        for name, figures in sites.items()
        # Its reloader interrupts the server, and wsgiref swallows that while it answers a request.
        # The script always has one under way, so it loses nearly all edits; by hand one does not.
        if not name.startswith("Bottle")
    ]
    return _table(["", *EDITS.values()], rows)


def first(documents: Documents, chinese: bool) -> list[str]:
    """README's table: the few figures that a reader wants first."""
    rows = []
    for english, translated, key, django in FIRST:
        medians = _medians(documents, key)
        taken = [medians.get(name) for name in ("mtvgen", "Flask", django)]
        rows.append([translated if chinese else english, *(_unit(each, "µs") for each in taken)])
    sites = documents["devserver"]["sites"]
    saved = [
        sites[f"{name} / no database"].get("edit ms") for name in ("mtvgen", "Flask", "Django")
    ]
    rows.append([SAVED[chinese], *(_unit(each, "ms") for each in saved)])
    return _table(["", "mtvgen", "Flask", "Django"], rows)


def schema_changes(documents: Documents, chinese: bool) -> list[str]:
    """Changes of models through two kinds of migrations: a row a change."""
    del chinese
    rows = []
    for row in documents["schema_changes"]["changes"]:
        cells = [
            f"**{row[side]['words']}**" if row[side]["is_silent"] else row[side]["words"]
            for side in ("Django", "mtvgen")
        ]
        rows.append([row["change"], row["rows"], *(cell.replace("|", "\\|") for cell in cells)])
    heading, _, *lines = _table(["change", "rows before", "Django", "mtvgen"], rows)
    return [heading, "| --- | --- | --- | --- |", *lines]


def schema_changes_measured(documents: Documents, chinese: bool) -> list[str]:
    """How many of the changes lose something without a word, and with which versions."""
    del chinese
    document = documents["schema_changes"]
    silent = {
        side: sum(row[side]["is_silent"] for row in document["changes"])
        for side in ("Django", "mtvgen")
    }
    versions = ", ".join(
        f"{PACKAGES[package]} {version}" for package, version in document["versions"].items()
    )
    count = (
        f"Of {len(document['changes'])} changes, {silent['Django']} lose something without a word"
    )
    return [
        f"{count} with Django, and {silent['mtvgen']} with mtvgen.",
        f"Run on {document['date']} on SQLite, with {versions}.",
    ]


def measured_on(document: str) -> Callable[[Documents, bool], list[str]]:
    """The sentence that says when, where, and with which versions."""

    def sentence(documents: Documents, chinese: bool) -> list[str]:
        del chinese
        facts = documents[document]["machine"]
        versions = ", ".join(
            f"{PACKAGES[package]} {version}"
            for package, version in facts["versions"].items()
            if package in PACKAGES and version
        )
        place = f"{facts['system']}, {facts['cores']} cores, Python {facts['python']}"
        return [f"Measured on {facts['date']}: {place}, {versions}."]

    return sentence


TABLES: dict[str, Callable[[Documents, bool], list[str]]] = {
    "first": first,
    "requests": requests,
    "requests-measured": measured_on("peers"),
    "over-a-socket": over_a_socket,
    "over-a-socket-measured": measured_on("one_page"),
    "edits": edits,
    "edits-measured": measured_on("devserver"),
    "schema-changes": schema_changes,
    "schema-changes-measured": schema_changes_measured,
}


def _medians(documents: Documents, key: str) -> dict[str, float]:
    row = documents["peers"]["workloads"].get(key, {"microseconds": {}})
    return {name: median(taken) for name, taken in row["microseconds"].items()}


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *["--:"] * (len(headings) - 1)]
    return [f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in (headings, rule, *rows)]


def _number(value: float | None) -> str:
    """Two digits that mean something, or all there are before the point."""
    if value is None:
        return ""
    if math.isinf(value):  # no edit was ever seen
        return "never"
    if value == int(value) or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _unit(value: float | None, unit: str) -> str:
    return f"{_number(value)} {unit}" if value is not None else ""


if __name__ == "__main__":
    sys.exit(main())
