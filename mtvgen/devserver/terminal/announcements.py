"""What a server that follows every edit says of its processes: the start, each reload, an end."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from mtvgen.devserver.address import url_of
from mtvgen.devserver.terminal.exit_status import how_it_ended
from mtvgen.devserver.terminal.terminal import Terminal
from mtvgen.project.loading import Project
from mtvgen.project.tracebacks import path_in_project


class Announcements:
    """The lines about a server's processes, as they accept their first connection, or end.

    Args:
        project: What is served.
        listener: Where.
        terminal: Prints the lines.
        notes: Lines for the banner.
    """

    def __init__(
        self, project: Project, listener: socket.socket, terminal: Terminal, notes: Sequence[str]
    ) -> None:
        self._project = project
        self._listener = listener
        self._terminal = terminal
        self._notes = notes

    def started(self, about: str, error: str) -> None:
        """The banner."""
        details = f"   ({about}, debug)" if about and not error else ""
        place = f"{self._project.name} is at {url_of(self._listener)}{details}"
        lines = [place, *self._notes, "Saving a file reloads the page. Ctrl-C stops.", ""]
        self._terminal.say("\n".join(lines))
        if error:
            self._tell_error(error)

    def reloaded(self, because: Sequence[str], seconds: float, error: str) -> None:
        """What was reloaded, or what keeps it from being so."""
        if error:
            self._tell_error(error)
        elif because:
            more = f" and {len(because) - 1} more" if len(because) > 1 else ""
            first = path_in_project(because[0], self._project.root)
            self._terminal.event(f"reloaded {first}{more} in {seconds:.2f} s")

    def died(self, code: int | None) -> None:
        """That the serving process ended by itself."""
        self._terminal.event(f"the serving process {how_it_ended(code)}; another one takes over")

    def _tell_error(self, error: str) -> None:
        is_there = self._project.root.is_dir()
        awaited = "you to save a fix" if is_there else "the directory to come back"
        self._terminal.say(f"{error}\nWaiting for {awaited}.")
