"""A dot plot of what `peers.py --json` kept: a row a workload, a dot a framework.

Time is on a logarithmic scale, because the frameworks lie a hundredfold apart.
"""

from __future__ import annotations

import math
from html import escape
from statistics import median
from typing import Any

# Okabe and Ito's palette, which colour-blind readers can tell apart; ours is the largest dot.
COLOURS = {
    "bare": "#999999",
    "wheezy.web": "#56b4e9",
    "Falcon": "#0072b2",
    "Bottle": "#009e73",
    "Flask": "#e69f00",
    "Pyramid": "#cc79a7",
    "Django": "#7a5c00",
    "startproject": "#000000",
    "mtvgen": "#d55e00",
}
LEFT, RIGHT, TOP, ROW = 290, 30, 78, 30  # pixels
WIDTH = 900
# Middle grey is legible on white and on the dark page of a code host alike.
STYLE = "text{font:13px system-ui,sans-serif;fill:#333}.small{font-size:11px}.grid{stroke:#ddd}"


def draw(document: dict[str, Any]) -> str:
    """The chart as SVG text; `document` is the JSON that `--json` wrote."""
    rows = [
        (
            f"{key}. {row['title']}",
            {
                name: median(taken)
                for name, taken in row["microseconds"].items()
                if name in COLOURS  # another version of mtvgen has no place in the chart
            },
        )
        for key, row in document["workloads"].items()
    ]
    values = [value for _, medians in rows for value in medians.values()]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    height = TOP + ROW * len(rows) + 40

    def place(microseconds: float) -> float:
        share = (math.log10(microseconds) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    bottom = TOP + ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(_title(document))}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="24">{escape(_title(document))}</text>',
        *_legend(rows),
    ]
    for power in range(low, high + 1):
        x = place(10**power)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">')
        parts.append(f"{_microseconds(10**power)}</text>")
    for number, (title, medians) in enumerate(rows):
        parts += _row(
            title, {name: place(value) for name, value in medians.items()}, medians, number
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _title(document: dict[str, Any]) -> str:
    facts = document["machine"]
    return (
        f"One request in process, median; further left is faster "
        f"(Python {facts['python']}, {facts['cores']} cores, {facts['date']})"
    )


def _legend(rows: list[tuple[str, dict[str, float]]]) -> list[str]:
    shown = [name for name in COLOURS if any(name in medians for _, medians in rows)]
    parts, x = [], 20
    for name in shown:
        parts.append(f'<circle cx="{x}" cy="46" r="{_radius(name)}" fill="{COLOURS[name]}"/>')
        parts.append(f'<text class="small" x="{x + 9}" y="50">{escape(name)}</text>')
        x += 28 + 7 * len(name)
    return parts


def _row(title: str, places: dict[str, float], medians: dict[str, float], number: int) -> list[str]:
    y = TOP + ROW * number + ROW // 2
    parts = [
        f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(title)}</text>',
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>',
    ]
    # Ours last, so that it lies on top.
    for name in sorted(places, key=list(COLOURS).index):
        parts.append(
            f'<circle cx="{places[name]:.1f}" cy="{y}" r="{_radius(name)}" fill="{COLOURS[name]}">'
            f"<title>{escape(name)}: {medians[name]:.2f} us</title></circle>"
        )
    return parts


def _radius(name: str) -> int:
    return 7 if name == "mtvgen" else 5


def _microseconds(value: float) -> str:
    return f"{value / 1000:g} ms" if value >= 1000 else f"{value:g} us"
