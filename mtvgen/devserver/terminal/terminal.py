"""Lines of `runserver` while it runs: one for each request, two for a failed one."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from mtvgen.devserver.terminal.line_writer import Lines
from mtvgen.devserver.urls import LIVE_SCRIPT, REFUSAL_REPORTS, readable_path
from mtvgen.errors import cut, padded, printable, width
from mtvgen.project.cures import is_call_of_view
from mtvgen.project.masking import Masker
from mtvgen.project.tracebacks import (
    is_users,
    path_in_project,
    related_errors,
    sentence,
    users_frames,
    users_place,
    users_traceback,
    whole_traceback,
)
from mtvgen.runtime.support.locations import of_function
from mtvgen.styled_text import Style, coloured, columns_of, has_colours

_MOST_RELATED = 5  # lines of causes; the error page has them all
_MARGIN = " " * 10  # as wide as the time and the two blanks behind it


class Terminal:
    """The lines of one process of the server.

    Args:
        root: The project's directory; paths are shown below it.
        all_frames: Whole tracebacks, for `--traceback`.
    """

    def __init__(self, root: Path, *, all_frames: bool = False) -> None:
        self._root = root
        self._all_frames = all_frames
        self._logged = threading.local()
        self._lines = Lines(self.say)
        self._colours = has_colours(sys.stdout)

    def answered(
        self, environ: dict[str, Any], status: int, seconds: float, error: BaseException | None
    ) -> None:
        """Print the line of a request; static files and live reload get one only if they fail."""
        path = environ["PATH_INFO"]
        others = self._others_logged(error, environ)
        if (
            path.startswith(("/static/", LIVE_SCRIPT, REFUSAL_REPORTS))
            and status < 400
            and error is None
            and not others
        ):
            return
        note = environ.get("mtvgen.hint", "")
        if error:
            note = sentence(error, Masker(environ))
        elif note:  # it may quote what came with the request
            note = Masker(environ).scrubbed(note)
        is_told = "mtvgen.broken" in environ
        if is_told:
            note = "the project can't be loaded; the error is above"
        method = environ["REQUEST_METHOD"]
        line = request_line(method, path, self._coloured(status), seconds)
        if note:
            note = self._cut(note, request_line(method, path, str(status), seconds))
            line += "  " + self.styled(note, "error" if error else "cure")
        frames = ""
        if error and not is_told:
            frames = self._frames(error, environ) or self._view(environ, error, note)
            frames += self._related(error, environ)
        elif not error:
            frames = self._place_of_answer(environ.get("mtvgen.answered"))
        self._lines.add(f"{_now()}  {line}{frames}{others}")

    def logged(self, text: str, error: BaseException | None) -> None:
        """Print a record of the runtime; an exception waits for the line of its request."""
        if error is None:
            self.event(printable(Masker().scrubbed(text)))
        else:
            self._logged.errors = [*getattr(self._logged, "errors", ()), (text, error)]

    def _others_logged(self, shown: BaseException | None, environ: dict[str, Any]) -> str:
        """Return the exceptions of this thread's request that its own line does not show."""
        errors = getattr(self._logged, "errors", ())
        self._logged.errors = []
        lines = []
        for text, error in errors:
            if error is not shown:
                said = printable(
                    Masker(environ).scrubbed(text) + f": {sentence(error, Masker(environ))}"
                )
                lines.append(f"\n{_MARGIN}{said}{self._frames(error, environ)}")
        return "".join(lines)

    def refused(self, status: int, reason: str) -> None:
        """Print the line for bytes that are not a request."""
        self._lines.add(f"{_now()}  {self._coloured(status)}   {reason}")

    def flush(self) -> None:
        """Wait until the lines of all requests are printed."""
        self._lines.flush()

    def end(self) -> None:
        """Leave the line in which a terminal has written ^C."""
        if sys.stdout.isatty():
            self.say("")

    def event(self, text: str) -> None:
        """Print a line with the time in front."""
        self.say(f"{_now()}  {text}")

    def say(self, text: str) -> None:
        """Print whole lines, in one write so that those of several processes do not mix."""
        data = (text + "\n").encode(sys.stdout.encoding or "utf-8", "backslashreplace")
        try:
            while data:
                data = data[os.write(1, data) :]
        except OSError:
            pass  # nobody reads them, and the site is served all the same

    def _coloured(self, status: int) -> str:
        style: Style = "error" if status >= 500 else "warning" if status >= 400 else ""
        return self.styled(str(status), style)

    def styled(self, text: str, style: Style) -> str:
        """Return a text in its colour, where this terminal has some."""
        return coloured(text, style) if self._colours else text

    def _cut(self, note: str, line: str) -> str:
        """Return a note behind a line, so that both take two lines of the terminal at most."""
        used = len(_MARGIN) + width(line) + 2
        return cut(printable(note), 2 * columns_of(sys.stdout) - used)

    def _placed(self, place: str, text: str) -> str:
        """Return a line below that of a request: the place, and what is there; never broken."""
        room = columns_of(sys.stdout) - len(_MARGIN)
        whole = cut(printable(f"{place}{text}"), room)
        shown = printable(place)[: len(whole)]
        return f"\n{_MARGIN}{self.styled(shown, 'place')}{whole[len(shown) :]}"

    def _frames(self, error: BaseException, environ: dict[str, Any]) -> str:
        if self._all_frames:
            return "\n" + whole_traceback(error, Masker(environ))
        if isinstance(error, SyntaxError):
            return "\n" + _indented(users_traceback(error, self._root))
        frames = users_frames(error, self._root)
        if not frames:
            return ""
        last = frames[-1]
        place = f"{path_in_project(last.filename, self._root)}:{last.lineno}"
        line = Masker().scrubbed_source(last.line or "")
        return self._placed(place, f" in {last.name}:  {line}")

    def _view(self, environ: dict[str, Any], error: BaseException, note: str) -> str:
        """Return where the view begins, if no frame of an error is the user's."""
        route = environ.get("mtvgen.route")
        place = None if route is None else of_function(route.view)
        if route is None or place is None or not is_users(place.file, self._root):
            return ""
        text = f"{path_in_project(place.file, self._root)}:{place.line}"
        name = getattr(route.view, "__name__", "the view")
        after = "" if is_call_of_view(error) else " (after it returned)"
        return "" if f"({text})" in note else self._placed(text, f" in {name}{after}")

    def _related(self, error: BaseException, environ: dict[str, Any]) -> str:
        """Return a line for each exception that an error came from, or that a group holds."""
        lines = []
        for part, related in related_errors(error):
            place = users_place(related, self._root)
            where = f"  {place}" if place else ""
            said = f"{part.lower()}  {sentence(related, Masker(environ))}"
            said = self._cut(said, where)
            lines.append(f"\n{_MARGIN}{said}{self.styled(printable(where), 'place')}")
        return "".join(lines[:_MOST_RELATED])

    def _place_of_answer(self, error: BaseException | None) -> str:
        """Return where a view has raised what was answered, such as NotFound."""
        place = users_place(error, self._root) if error is not None else ""
        return self._placed(place, f"  raise {type(error).__name__}") if place else ""


def request_line(method: str, path: str, status: str, seconds: float, note: str = "") -> str:
    """`GET   /notes         200   3 ms  note`.

    Args:
        method: As sent.
        path: As WSGI has it; shown as the characters that it means, control characters escaped.
        status: The code, maybe with its colour.
        seconds: How long the answer took.
        note: What there is to say about it.
    """
    took = f"{seconds * 1000:.0f} ms"
    # The two share 20 columns, so a long method moves a short path and nothing else.
    asked = f"{printable(method):<4}  {printable(readable_path(path))}"
    line = f"{padded(asked, 20)} {status} {took:>6}"
    return f"{line}  {printable(note)}" if note else line


def _now() -> str:
    return time.strftime("%H:%M:%S")


def _indented(text: str) -> str:
    return "\n".join(_MARGIN + printable(line) for line in text.splitlines())
