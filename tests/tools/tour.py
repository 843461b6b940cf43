"""Write the tour of the tree into docs/architecture.md: each folder and file by its first line.

python tests/tools/tour.py          write it
python tests/tools/tour.py --check  exit 1 where the page and the tree differ
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mtvgen"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- The tour, by tests/tools/tour.py. -->\n", "<!-- The end of the tour. -->\n"

# The order in which a reader meets the rooms.
SECTIONS = {
    "The tool": [
        "",
        "commands",
        "commands/add",
        "startproject",
        "add",
        "add/proof",
        "project",
        "disk",
    ],
    "The runtime": [
        "runtime",
        "runtime/application",
        "runtime/routing",
        "runtime/requests",
        "runtime/responses",
        "runtime/forms",
        "runtime/forms/sent",
        "runtime/forms/kinds",
        "runtime/forms/database",
        "runtime/templates",
        "runtime/models",
        "runtime/migrations",
        "runtime/sessions",
        "runtime/accounts",
        "runtime/security",
        "runtime/settings",
        "runtime/logs",
        "runtime/http",
        "runtime/support",
    ],
    "The checks": ["checks"],
    "The language server": ["lsp"],
    "The development server": ["devserver"],
}


def tour() -> str:
    """The whole tour as Markdown."""
    seen = [folder for folders in SECTIONS.values() for folder in folders]
    parts = []
    for section, folders in SECTIONS.items():
        parts.append(f"### {section}\n\n")
        for folder in folders:
            parts.append(room(folder))
            if len(folders) == 1:
                parts += [room(inner) for inner in inner_rooms(folder) if inner not in seen]
    return "".join(parts)


def room(folder: str) -> str:
    """One folder: its name, its first line, and a table of its files."""
    path = PACKAGE / folder
    rows = "".join(f"| `{file.name}` | {first_line(file)} |\n" for file in files_of(path))
    face = first_line(path / "__init__.py")
    return f"**`{'/'.join(['mtvgen', *filter(None, [folder])])}/`**: {face}\n\n{table(rows)}"


def table(rows: str) -> str:
    return f"| file | what it is |\n|---|---|\n{rows}\n" if rows else ""


def inner_rooms(folder: str) -> list[str]:
    inside = (PACKAGE / folder).rglob("__init__.py")
    found = sorted(file.parent.relative_to(PACKAGE).as_posix() for file in inside)
    return [name for name in found if name != folder]


def files_of(path: Path) -> Iterator[Path]:
    return (file for file in sorted(path.glob("*.py")) if not file.name.startswith("__"))


def first_line(file: Path) -> str:
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].replace("|", "\\|")


def page() -> str:
    """docs/architecture.md as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tour()}{END}{after}"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if page() == PAGE.read_text(encoding="utf-8") else "docs/architecture.md is old")
    PAGE.write_text(page(), encoding="utf-8")
