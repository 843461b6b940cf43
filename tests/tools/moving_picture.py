"""The moving picture of the README: a terminal and a browser in a new user's first minute.

    python tests/tools/moving_picture.py    make docs/pictures/tour-*.svg and tour.txt again

Nothing in it is drawn by hand: `mtvgen startproject` and `mtvgen runserver` run in a pseudo
terminal, Chromium asks for the first page, a template is saved and the page reloads, and
`mtvgen check` reports two slips. What the terminal said is kept as text too, so that a test sees
when the picture has become old.
It needs port 8000, Playwright (the `browser` extra) and Chromium.
"""

from __future__ import annotations

import base64
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.support.live_site import environment

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PORT = 8000  # the one that a new user sees
SECONDS = 20.0  # until a step that takes a moment has failed
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# The scenes: seconds on the screen, and what is to be seen.
SCENES = [
    (3.5, "One command makes a project."),
    (3.5, "The next one runs it: tables, a form, tests and the first page are there."),
    (4.0, "Save a file, and the page is new before you look up."),
    (6.0, "A column and a link, misspelt: mtvgen check finds them before a visitor does."),
]
# The slips of the last scene: what is in templates/notes/index.html, and what is typed there.
SLIPS = {"note.text": "note.txt", 'url_for("notes.create")': 'url_for("notes.creat")'}

# Units of the picture, which a browser scales to the width that it has.
WIDTH, LINE, LINES = 880, 19, 15
COLUMNS = 106  # of the terminal
PAGE_HEIGHT = 330  # of the page in the browser, which is WIDTH wide
PAGE_WIDTH = 1100  # CSS pixels of that page
COLOURS = {
    "light": {"caption": "#1d2330", "border": "#8b93a3", "bar": "#dfe3ea", "field": "#ffffff"},
    "dark": {"caption": "#f0f3f9", "border": "#5b6373", "bar": "#262b35", "field": "#14171d"},
}

FRAME = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" role="img" aria-label="$label">
<style>
  text { font: 13px "DejaVu Sans Mono", Menlo, Consolas, monospace;
    fill: #dfe3ea; white-space: pre }
  .caption { font: 600 17px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: $caption }
  .typed { fill: #96b4ff; font-weight: bold }
  .address { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: $caption }
  .scene { opacity: 0; animation: $seconds infinite step-end }
$keyframes  @media (prefers-reduced-motion: reduce) {
    .scene { animation: none }
    .scene:last-of-type { opacity: 1 }
  }
</style>
<g stroke="$border">
  <rect x="1" y="37" width="$inner" height="$terminal_height" rx="9" fill="#14171d"/>
  <rect x="1" y="$browser_y" width="$inner" height="$browser_height" rx="9" fill="$bar"/>
  <rect x="14" y="$field_y" width="$field_width" height="20" rx="5" fill="$field"/>
</g>
<text class="address" x="24" y="$address_y">127.0.0.1:8000</text>
$scenes</svg>
""")


def main() -> int:
    """Make the files."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=FLAGS)
        size = {"width": PAGE_WIDTH, "height": PAGE_HEIGHT * PAGE_WIDTH // WIDTH}
        context = browser.new_context(viewport=size, device_scale_factor=1.25)
        page = context.new_page()
        shown: list[dict[str, str]] = []

        def look(address: str) -> None:
            """Load the page the first time; later its live reload has loaded it."""
            if not shown:
                page.goto(address)
            page.wait_for_selector("h1:has-text('Hello')" if shown else "h1")
            shown.append({colours: _shot(page, colours) for colours in COLOURS})

        said = first_minute(Path(directory), PORT, look)
        browser.close()
    for colours in COLOURS:
        pages = [None, *(shot[colours] for shot in shown), shown[-1][colours]]
        picture = PICTURES / f"tour-{colours}.svg"
        picture.write_text(_drawn(said, pages, colours), encoding="utf-8")
        print(f"{picture.name}: {picture.stat().st_size // 1024} kB")
    (PICTURES / "tour.txt").write_text(as_text(said), encoding="utf-8")
    return 0


def first_minute(directory: Path, port: int, look: Callable[[str], None]) -> list[str]:
    """What the terminal shows in each scene, with the codes of its colours.

    Args:
        directory: An empty one.
        port: Where the site is served; 8000 is the one that needs no argument.
        look: Asks for the page at an address, before and after a template is saved.
    """
    with _terminal(directory, "mtvgen", "startproject", "mysite") as made:
        made.wait_until_it_ends()
    project = directory / "mysite"
    arguments = [] if port == PORT else [str(port)]
    with _terminal(project, "mtvgen", "runserver", *arguments) as served:
        served.wait_for(f" http://127.0.0.1:{port}/ ")  # not the next one, because it was taken
        served.wait_for("Ctrl-C stops.")
        look(f"http://127.0.0.1:{port}/")
        served.wait_for(" ms\r\n")
        before = served.said
        time.sleep(1)  # the page has opened its event stream by then
        _edit(project / "templates" / "home.html", {"{{ project }} is running": "Hello, Ada"})
        look(f"http://127.0.0.1:{port}/")
        served.wait_for(" ms\r\n", times=2)
        after = served.said
    _edit(project / "templates" / "notes" / "index.html", SLIPS)
    with _terminal(project, "mtvgen", "check") as checked:
        checked.wait_until_it_ends(1)
    typed = ["startproject mysite", "runserver", "runserver", "check"]
    texts = [made.said, before, after, checked.said]
    return [
        f"$ mtvgen {command}\n{text.rstrip()}\n".replace("\r\n", "\n")
        for command, text in zip(typed, texts, strict=True)
    ]


def as_text(said: list[str]) -> str:
    """The terminal of each scene, without colours."""
    return "\n".join(re.sub(r"\x1b\[\d*m", "", text) for text in said)


def _edit(file: Path, changes: dict[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, f"{old} is not in {file.name}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


class _Terminal:
    """A process that believes that it writes to a terminal, and what it wrote."""

    def __init__(self, directory: Path, command: tuple[str, ...]) -> None:
        self.said = ""
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command,
            cwd=directory,
            env=_surroundings(directory),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._ours = ours
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + SECONDS
        while self.said.count(text) < times:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError(f"no {text!r} in what the terminal shows:\n{self.said}")
            time.sleep(0.02)

    def wait_until_it_ends(self, exit_code: int = 0) -> None:
        assert self.process.wait(SECONDS) == exit_code, self.said
        self._reader.join()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(SECONDS)
        self._reader.join()
        os.close(self._ours)

    def _read(self) -> None:
        """Collect until the last process that holds the other end has ended (EIO on Linux)."""
        try:
            while data := os.read(self._ours, 65536):
                self.said += data.decode()
        except OSError:
            return


def _surroundings(home: Path) -> dict[str, str]:
    """What a new user's shell has; there, Python keeps what it compiles."""
    kept = {**environment(home), "TERM": "xterm"}
    del kept["PYTHONDONTWRITEBYTECODE"]
    return kept


@contextmanager
def _terminal(directory: Path, *command: str) -> Iterator[_Terminal]:
    terminal = _Terminal(directory, command)
    try:
        yield terminal
    finally:
        terminal.end()


def _shot(page: Page, colours: str) -> str:
    """The page as it is in light or dark, as the Base64 of a WebP."""
    page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    png = base64.b64encode(page.screenshot()).decode()
    encoded: str = page.context.new_page().evaluate(
        """async (png) => {
            const image = new Image();
            image.src = "data:image/png;base64," + png;
            await image.decode();
            const canvas = Object.assign(document.createElement("canvas"),
                { width: image.width, height: image.height });
            canvas.getContext("2d").drawImage(image, 0, 0);
            return canvas.toDataURL("image/webp", 0.9).split(",")[1];
        }""",
        png,
    )
    return encoded


def _drawn(said: list[str], pages: list[str | None], colours: str) -> str:
    """The SVG: a frame, and the scenes one after another."""
    terminal_height = LINES * LINE + 18
    browser_y = 37 + terminal_height + 14
    page_y = browser_y + 33
    scenes = [
        _scene(number, caption, text, page, page_y)
        for number, ((_, caption), text, page) in enumerate(
            zip(SCENES, said, pages, strict=True), start=1
        )
    ]
    return FRAME.substitute(
        COLOURS[colours],
        width=WIDTH,
        inner=WIDTH - 2,
        height=page_y + PAGE_HEIGHT + 2,
        label=escape(" ".join(caption for _, caption in SCENES)),
        terminal_height=terminal_height,
        browser_y=browser_y,
        browser_height=PAGE_HEIGHT + 33,
        field_y=browser_y + 6,
        field_width=WIDTH - 28,
        address_y=browser_y + 21,
        seconds=f"{sum(seconds for seconds, _ in SCENES)}s",
        keyframes=_keyframes(),
        scenes="".join(scenes),
    )


def _keyframes() -> str:
    """When each scene is to be seen, in percent of the whole."""
    whole = sum(seconds for seconds, _ in SCENES)
    rules, start = "", 0.0
    for number, (seconds, _) in enumerate(SCENES, start=1):
        first, last = 100 * start / whole, 100 * (start + seconds) / whole
        rules += (
            f"  #s{number} {{ animation-name: k{number} }}\n"
            f"  @keyframes k{number} {{ 0% {{ opacity: {int(number == 1)} }}"
            f" {first:.2f}% {{ opacity: 1 }} {last:.2f}% {{ opacity: 0 }} }}\n"
        )
        start += seconds
    return rules


def _scene(number: int, caption: str, said: str, page: str | None, page_y: int) -> str:
    lines = "".join(
        f'<text x="16" y="{62 + LINE * row}"{_kind(line)}>{escape(line, quote=False)}</text>\n'
        for row, line in enumerate(_wrapped(said))
    )
    shown = page and (
        f'<image x="2" y="{page_y}" width="{WIDTH - 4}" height="{PAGE_HEIGHT - 2}" '
        f'preserveAspectRatio="xMidYMin slice" href="data:image/webp;base64,{page}"/>\n'
    )
    return (
        f'<g class="scene" id="s{number}">\n'
        f'<text class="caption" x="2" y="22">{escape(caption)}</text>\n{lines}{shown or ""}</g>\n'
    )


def _wrapped(said: str) -> list[str]:
    """The lines as a terminal of COLUMNS shows them."""
    plain = re.sub(r"\x1b\[\d*m", "", said)
    return [
        line[start : start + COLUMNS]
        for line in plain.splitlines()
        for start in range(0, max(len(line), 1), COLUMNS)
    ]


def _kind(line: str) -> str:
    return ' class="typed"' if line.startswith("$ ") else ""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
