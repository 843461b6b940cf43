"""Five bars for readers who want one figure; the whole is in `chart.py`'s drawing."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.tools.pictures.drawing import Drawing

# What most readers know, and of all workloads the one that is most like their own pages.
NAMES = ["mtvgen", "Falcon", "Bottle", "Flask", "Django"]
WORKLOAD = "e"
LEFT, LONGEST, ROW = 84, 270, 34  # units


def draw_bars(document: dict[str, Any]) -> str:
    """The bars as SVG text; `document` is the JSON that `peers.py --json` wrote."""
    taken = document["workloads"][WORKLOAD]["microseconds"]
    medians = {name: median(taken[name]) for name in NAMES}
    drawing = Drawing(
        "The time that a page takes",
        "One page with a layout and a table of 20 rows, in process: "
        + ", ".join(f"{name} {time:.0f} µs" for name, time in medians.items())
        + ".",
        84 + ROW * len(NAMES),
    )
    drawing.words(16, 24, "A page with a layout and 20 rows, in process", "title", "start")
    drawing.words(16, 44, "Microseconds, median; shorter is faster", "note", "start")
    for number, (name, time) in enumerate(medians.items()):
        top = 66 + ROW * number
        length = LONGEST * time / max(medians.values())
        drawing.words(LEFT - 10, top + 11, name, anchor="end")
        drawing.box(LEFT, top, length, 22, kind="yours" if name == "mtvgen" else "room")
        drawing.words(LEFT + length + 10, top + 11, f"{time:.0f} µs", "note", "start")
    return drawing.svg()
