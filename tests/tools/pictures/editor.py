"""Draw the picture of docs/editor.md again: a real Neovim with `mtvgen lsp`, in light and dark.

    python -m tests.tools.pictures.editor

Nothing in it is drawn by hand: `mtvgen startproject` makes the project, keys are pressed, and what
is on Neovim's screen then becomes SVG. What can be read on it is kept as text too, so that a test
sees when the picture has become old. See neovim_screen.py for what it needs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path

from tests.tools.pictures.neovim_screen import Look, Neovim, Screen

PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
COLUMNS, LINES = 92, 20
CELL, LINE = 8, 18  # units of the picture

PAGE = "templates/notes/index.html"
# What is shown: each a caption, what is done first, and what has to be on the screen then.
SCENES = [
    (
        "A column that is misspelt, before the page is saved",
        ("replace('note.text', 'note.txt')", "put_cursor('note.txt')"),
        '<Cmd>lua vim.diagnostic.open_float({anchor_bias = "below", header = ""})<CR>',
        ("Did you mean", "GET /notes", ": Note"),
    ),
    (
        "Columns of the model, with their types",
        ("replace('note.txt', 'note.')", "put_cursor('note. ', 4)"),
        "a<C-x><C-o>",
        ("created", "datetime"),
    ),
    (
        "A link to a page that is not there yet: the first of three code actions",
        ("vim.cmd('edit!')", "replace('notes.create', 'tags.index')", "put_cursor('tags.index')"),
        "gra",
        ("Add path(", "Type number"),
    ),
]

SETUP = """
vim.o.background = ...
vim.o.laststatus = 0
vim.o.ruler = false
vim.o.showmode = false
vim.o.signcolumn = "no"
vim.o.shortmess = vim.o.shortmess .. "FIcS"
vim.o.completeopt = "menu,menuone,noselect"
vim.o.pumheight = 6
vim.o.scrolloff = 3
vim.lsp.config("mtvgen", {cmd = COMMAND, root_markers = {"urls.py"},
  filetypes = {"html", "htmldjango"}})
vim.lsp.enable("mtvgen")
vim.diagnostic.config({underline = true, signs = false})
vim.lsp.inlay_hint.enable()
local function line_of(piece)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(piece, 1, true)
    if column then return number, column - 1 end
  end
  error("no " .. piece)
end
function put_cursor(piece, shift)
  local line, column = line_of(piece)
  vim.api.nvim_win_set_cursor(0, {line, column + (shift or 0)})
  vim.lsp.codelens.refresh({bufnr = 0})
end
function replace(old, new)
  local line, column = line_of(old)
  vim.api.nvim_buf_set_text(0, line - 1, column, line - 1, column + #old, {new})
end
"""


def main() -> int:
    """Make the files."""
    shown = {background: screens(background) for background in ("light", "dark")}
    picture = PICTURES / "editor.svg"
    picture.write_text(drawn(shown), encoding="utf-8", newline="\n")
    texts = [screen.text.rstrip() for screen in shown["light"]]
    (PICTURES / "editor.txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    print(f"{picture.name}: {picture.stat().st_size // 1024} kB")
    return 0


def screens(background: str) -> list[Screen]:
    """Return what Neovim shows in each scene, on a light or a dark background."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "mysite")
        command = [sys.executable, "-m", "mtvgen", "startproject", "mysite", str(root)]
        subprocess.run(command, check=True, capture_output=True)
        editor = Neovim(root, Path(directory), COLUMNS, LINES)
        try:
            return list(_played(editor, background))
        finally:
            editor.end()


def _played(editor: Neovim, background: str) -> Iterator[Screen]:
    server = json.dumps([sys.executable, "-P", "-m", "mtvgen", "lsp"])
    setup = SETUP.replace("COMMAND", f"vim.json.decode([==[{server}]==])")
    editor.lua(setup.replace("...", repr(background), 1))
    editor.ask("nvim_command", f"edit {PAGE}")
    editor.wait_for("endblock")
    editor.rest(2)
    for _, actions, keys, texts in SCENES:
        for action in actions:
            editor.lua(action)
        editor.rest(1.5)
        editor.type(keys)
        editor.wait_for(*texts)
        screen = editor.screen
        yield Screen([list(row) for row in screen.rows], screen.colours, screen.cursor)
        editor.type("<Esc><Esc>")
        editor.rest()


# From screens to SVG


def drawn(shown: dict[str, list[Screen]]) -> str:
    """Return the picture: all scenes, in the reader's choice of light and dark."""
    height = LINES * LINE + 16
    whole = len(SCENES) * (height + 44)
    label = escape(". ".join(caption for caption, *_ in SCENES))
    size = f"0 0 {COLUMNS * CELL + 16} {whole}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" ',
        f'role="img" aria-label="{label}">',
        f"\n<style>{_STYLE}</style>\n",
    ]
    for background, screens_of in shown.items():
        parts.append(f'<g class="{background}">\n')
        for number, ((caption, *_), screen) in enumerate(zip(SCENES, screens_of, strict=True)):
            top = number * (height + 44)
            parts.append(f'<text class="caption" x="2" y="{top + 24}">{escape(caption)}</text>\n')
            parts += _screen(screen, top + 36, height)
        parts.append("</g>\n")
    return "".join([*parts, "</svg>\n"])


_STYLE = """
text { font: 13px "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }
.caption { font: 600 17px system-ui, "DejaVu Sans", sans-serif; fill: #1d2330 }
.dark .caption { fill: #f0f3f9 }
.dark { display: none }
@media (prefers-color-scheme: dark) { .dark { display: inline } .light { display: none } }
"""


def _screen(screen: Screen, top: int, height: int) -> Iterator[str]:
    foreground, background, special = screen.colours
    yield (
        f'<rect x="1" y="{top}" width="{COLUMNS * CELL + 14}" height="{height}" rx="8" '
        f'fill="{_colour(background)}" stroke="#8b93a3"/>\n'
    )
    for number, row in enumerate(screen.rows):
        column, line = 0, top + 8 + number * LINE
        for look, cells in groupby(row, key=lambda cell: cell[1]):
            text = "".join(cell for cell, _ in cells)
            yield from _run(text, look, 8 + column * CELL, line, foreground, special)
            column += len(text)
    row, column = screen.cursor
    yield (
        f'<rect x="{8 + column * CELL}" y="{top + 8 + row * LINE}" width="{CELL}" height="{LINE}" '
        f'fill="{_colour(foreground)}" opacity="0.35"/>\n'
    )


def _run(text: str, look: Look, x: int, y: int, foreground: int, special: int) -> Iterator[str]:
    """Yield cells that look the same."""
    if look.background is not None:
        yield (
            f'<rect x="{x}" y="{y}" width="{len(text) * CELL}" height="{LINE}" '
            f'fill="{_colour(look.background)}"/>\n'
        )
    if look.underline:
        colour = look.special if look.special is not None else special
        yield f'<path d="{_wave(x, y + LINE - 3, len(text))}" fill="none" '
        yield f'stroke="{_colour(colour)}" stroke-width="1.3"/>\n'
    written = text.rstrip()
    indent = len(written) - len(written.lstrip())
    written = written.lstrip()
    if written:
        colour = look.foreground if look.foreground is not None else foreground
        style = ' font-weight="bold"' * look.bold + ' font-style="italic"' * look.italic
        yield (
            f'<text x="{x + indent * CELL}" y="{y + 13}" fill="{_colour(colour)}"{style} '
            f'textLength="{len(written) * CELL}" lengthAdjust="spacingAndGlyphs">'
            f"{escape(written, quote=False)}</text>\n"
        )


def _wave(x: int, y: int, cells: int) -> str:
    return f"M{x} {y}" + "q2 -3 4 0t4 0" * cells


def _colour(number: int) -> str:
    return f"#{number:06x}"


if __name__ == "__main__":
    sys.exit(main())
