"""What all drawings of the manual are made of: boxes, words and arrows, in one style.

A drawing is 440 units wide, so that its words can still be read on a phone. It has a ground
of its own and follows the reader's choice of light and dark.
"""

from __future__ import annotations

from html import escape
from typing import Literal

WIDTH = 440
RADIUS = 8

Kind = Literal["room", "yours", "good", "bad"]
Flow = Literal["there", "back", "link"]
Anchor = Literal["start", "middle", "end"]

# Words and lines have a contrast of at least 4.5 against their ground, in both themes.
STYLE = """\
text { font: 15px system-ui, sans-serif; fill: #1f2328 }
.note { font-size: 12px; fill: #59636e }
.code { font: 13px ui-monospace, monospace }
.title { font-weight: 600 }
.ground { fill: #ffffff }
.room { fill: #f6f8fa; stroke: #818b98 }
.yours { fill: #ddf4ff; stroke: #0969da }
.good { fill: #dafbe1; stroke: #1a7f37 }
.bad { fill: #ffebe9; stroke: #cf222e }
.there, .back, .link { fill: none; stroke-width: 2 }
.there { stroke: #0969da } .back { stroke: #1a7f37 } .link { stroke: #818b98 }
.there-head { fill: #0969da } .back-head { fill: #1a7f37 } .link-head { fill: #818b98 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .note { fill: #9198a1 }
  .ground { fill: #0d1117 }
  .room { fill: #212830; stroke: #656c76 }
  .yours { fill: #0c2d4d; stroke: #4493f8 }
  .good { fill: #12321f; stroke: #3fb950 }
  .bad { fill: #3c1618; stroke: #f85149 }
  .there { stroke: #4493f8 } .back { stroke: #3fb950 } .link { stroke: #656c76 }
  .there-head { fill: #4493f8 } .back-head { fill: #3fb950 } .link-head { fill: #656c76 }
}
"""


class Drawing:
    """An SVG document that grows by what is put into it.

    Args:
        title: What the drawing is about, for readers who hear it.
        description: What it shows, in a sentence or two, for the same readers.
        height: Units; the width is `WIDTH`.
    """

    def __init__(self, title: str, description: str, height: int) -> None:
        self._parts = [
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d"',
            f'viewBox="0 0 {WIDTH} {height}">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">{escape(description)}</desc>',
            f"<style>\n{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height}" rx="{RADIUS}"/>',
        ]

    def words(
        self, x: float, y: float, text: str, style: str = "", anchor: Anchor = "middle"
    ) -> None:
        """Write one line whose middle is at the height `y`."""
        named = f' class="{style}"' if style else ""
        self._parts.append(
            f'<text{named} x="{x:g}" y="{y + 5:g}" text-anchor="{anchor}">{escape(text)}</text>'
        )

    def upright(self, x: float, y: float, text: str, angle: int) -> None:
        """Write a note along a vertical line; `angle` is -90 to read it upwards, 90 downwards."""
        self._parts.append(
            f'<text class="note" x="{x:g}" y="{y:g}" text-anchor="middle"'
            f' transform="rotate({angle} {x:g} {y:g})">{escape(text)}</text>'
        )

    def box(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *lines: str,
        kind: Kind = "room",
        style: str = "",
    ) -> None:
        """Draw a box with a name and notes in it.

        Args:
            left: Of its left edge.
            top: Of its upper edge.
            width: Of the box.
            height: Of the box.
            lines: The name, and the notes below it, each on a line of its own.
            kind: What it is: part of mtvgen or of the machine, yours, right, or wrong.
            style: Of the name: `"code"`, `"title"`, or `""`.
        """
        self._parts.append(
            f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{width:g}"'
            f' height="{height:g}" rx="{RADIUS}"/>'
        )
        first = top + height / 2 - 8 * (len(lines) - 1)
        for number, line in enumerate(lines):
            self.words(left + width / 2, first + 16 * number, line, "note" if number else style)

    def arrow(self, *points: tuple[float, float], flow: Flow = "there", head: bool = True) -> None:
        """Draw a line with rounded corners through points, with a head at its end."""
        points = tuple(
            point
            for point, before in zip(points, (None, *points[:-1]), strict=True)
            if point != before
        )
        path = [f"M{points[0][0]:g} {points[0][1]:g}"]
        for before, corner, after in zip(points, points[1:], points[2:], strict=False):
            enter, leave = _near(corner, before), _near(corner, after)
            path.append(f"L{enter[0]:g} {enter[1]:g} Q{corner[0]:g} {corner[1]:g}")
            path.append(f"{leave[0]:g} {leave[1]:g}")
        end = _near(points[-1], points[-2], 6) if head else points[-1]
        path.append(f"L{end[0]:g} {end[1]:g}")
        self._parts.append(f'<path class="{flow}" d="{" ".join(path)}"/>')
        if head:
            self._parts.append(_head(points[-2], points[-1], flow))

    def svg(self) -> str:
        """The document as text."""
        return "\n".join([*self._parts, "</svg>"]) + "\n"


def _near(
    corner: tuple[float, float], other: tuple[float, float], distance: float = 10
) -> tuple[float, float]:
    """The point at a distance from a corner, on the way to another point."""
    across, down = other[0] - corner[0], other[1] - corner[1]
    length = (across**2 + down**2) ** 0.5
    share = min(distance, length / 2) / length
    return round(corner[0] + across * share, 1), round(corner[1] + down * share, 1)


def _head(before: tuple[float, float], end: tuple[float, float], flow: Flow) -> str:
    """The head of an arrow: a triangle of 9 units whose tip is the end."""
    base = _near(end, before, 9)
    across, down = (end[0] - base[0]) / 2, (end[1] - base[1]) / 2
    corners = [end, (base[0] - down, base[1] + across), (base[0] + down, base[1] - across)]
    return f'<path class="{flow}-head" d="M{" L".join(f"{x:g} {y:g}" for x, y in corners)} z"/>'
