"""The picture of the README: the two commands in a terminal, and the page that they bring up.

    python tests/tools/picture.py         make docs/pictures/start.png and start.txt anew

Nothing in it is drawn by hand: `mtvgen startproject` and `mtvgen runserver` run in a pseudo
terminal, Chromium asks for the first page, a view is saved, and the page reloads. What the
terminal said is kept as text too, so that a test sees when the picture has become old.
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
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout, when this is the script

from tests.support.live_site import environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PORT = 8000  # the one that a new user sees
SECONDS = 20.0  # until a step that takes a moment has failed
WIDTH = 882  # CSS pixels of the picture; 2 of them are borders
PAGE_WIDTH, PAGE_HEIGHT = 1100, 480  # of the page, which is shown at 4/5 of its size
SCALE = 1.5  # pixels for one of CSS: sharp on today's screens, and a small file
# What each colour of the terminal becomes: the lines of failed requests have one.
COLOURS = {"31": "#ff8080", "33": "#f0c060"}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

FRAME = """<!doctype html><meta charset="utf-8"><style>
* { box-sizing: border-box; margin: 0 }
body { width: %(width)spx; background: transparent }
.window { border: 1px solid #8b93a3; border-radius: 10px; overflow: hidden }
.bar { display: flex; align-items: center; gap: 7px; height: 32px; padding: 0 12px;
  font: 13px "DejaVu Sans", sans-serif }
.bar i { width: 11px; height: 11px; border-radius: 50%%; background: #8b93a3 }
.bar span { flex: 1; margin-left: 10px; padding: 3px 12px; border-radius: 6px }
.terminal { background: #14171d; color: #dfe3ea; margin-bottom: 16px }
.terminal .bar { background: #262b35 }
pre { padding: 12px 16px 14px; font: 13px/1.5 "DejaVu Sans Mono", monospace }
pre b { color: #96b4ff }
.browser { background: #fff }
.browser .bar { background: #dfe3ea; color: #1d2330 }
.browser .bar span { background: #fff }
img { display: block; width: 100%% }
</style>
<div class="window terminal"><div class="bar"><i></i><i></i><i></i></div>
<pre>%(terminal)s</pre></div>
<div class="window browser"><div class="bar"><i></i><i></i><i></i><span>%(address)s</span></div>
<img src="data:image/png;base64,%(page)s" alt=""></div>
"""


def main() -> int:
    """Make both files."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(
            viewport={"width": PAGE_WIDTH, "height": PAGE_HEIGHT},
            # A pixel of the page is one of the picture: nothing is blurred.
            device_scale_factor=SCALE * (WIDTH - 2) / PAGE_WIDTH,
        )
        shown: list[bytes] = []

        def look(address: str) -> None:
            """Load the page, or leave it to the live reload that it has."""
            if not shown:
                page.goto(address)
                page.wait_for_selector("h1")
                shown.append(page.screenshot())

        said = first_minute(Path(directory), PORT, look)
        (PICTURES / "start.png").write_bytes(_composed(browser, said, shown[0]))
        (PICTURES / "start.txt").write_text(_plain(said), encoding="utf-8")
        browser.close()
    print(f"{(PICTURES / 'start.png').stat().st_size // 1024} kB")
    return 0


def first_minute(directory: Path, port: int, look: Callable[[str], None]) -> str:
    """What a terminal shows a new user, with the codes of its colours.

    Args:
        directory: An empty one.
        port: Where the site is served; 8000 is the one that needs no argument.
        look: Asks for the page at an address, before and after a view is saved.
    """
    with _terminal(directory, "mtvgen", "startproject", "mysite") as made:
        made.wait_until_it_ends()
    project = directory / "mysite"
    arguments = [] if port == PORT else [str(port)]
    with _terminal(project, "mtvgen", "runserver", *arguments) as served:
        served.wait_for(f" http://127.0.0.1:{port}/ ")  # not the next one, because it was taken
        served.wait_for("Ctrl-C stops.")
        look(f"http://127.0.0.1:{port}/")
        served.wait_for(" ms")
        time.sleep(1)  # the page has opened its event stream by then
        view = project / "views" / "home.py"
        view.write_text(view.read_text().replace("The home page.", "The first page of the site."))
        served.wait_for("reloaded ")
        look(f"http://127.0.0.1:{port}/")
        served.wait_for(" ms\r\n", times=2)
        text = served.said
    return (
        f"$ mtvgen startproject mysite\n{made.said.rstrip()}\n"
        f"$ cd mysite\n$ mtvgen runserver\n{text.rstrip()}\n"
    ).replace("\r\n", "\n")


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

    def wait_until_it_ends(self) -> None:
        assert self.process.wait(SECONDS) == 0, self.said
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


def _composed(browser: Browser, said: str, page: bytes) -> bytes:
    """One PNG of both windows, one below the other, on nothing."""
    lines = [_coloured(line) for line in said.splitlines()]
    frame = FRAME % {
        "width": WIDTH,
        "terminal": "\n".join(lines),
        "address": f"127.0.0.1:{PORT}",
        "page": base64.b64encode(page).decode(),
    }
    sheet = browser.new_page(
        viewport={"width": WIDTH, "height": PAGE_HEIGHT}, device_scale_factor=SCALE
    )
    sheet.set_content(frame)
    return sheet.screenshot(full_page=True, omit_background=True)


def _coloured(line: str) -> str:
    """HTML for a line; what a person typed stands out."""
    text = escape(line, quote=False)
    text = re.sub(
        r"\x1b\[(\d+)m(.*?)\x1b\[0?m",
        lambda match: f'<span style="color: {COLOURS[match[1]]}">{match[2]}</span>',
        text,
    )
    return f"<b>{text}</b>" if line.startswith("$ ") else text


def _plain(said: str) -> str:
    return re.sub(r"\x1b\[\d*m", "", said)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
