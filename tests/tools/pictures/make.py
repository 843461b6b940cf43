"""Draw the pictures of the manual again, in English and in Chinese.

python -m tests.tools.pictures.make
"""

from __future__ import annotations

from pathlib import Path

from tests.tools.pictures import chinese, drawings

DOCS = Path(__file__).parents[3] / "docs"


def pictures() -> dict[Path, str]:
    """Each picture's file, and the SVG text that belongs in it."""
    files = {}
    for name, draw in drawings.ALL.items():
        files[DOCS / "pictures" / f"{name}.svg"] = draw(str).svg()
        files[DOCS / "zh" / "pictures" / f"{name}.svg"] = draw(chinese.WORDS.__getitem__).svg()
    return files


if __name__ == "__main__":
    for file, text in pictures().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
