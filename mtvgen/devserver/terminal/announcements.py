"""Announcements of a server that follows every edit: its start, each reload, an end."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

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
        when_started: Called when the banner is to be printed.
    """

    def __init__(
        self,
        project: Project,
        listener: socket.socket,
        terminal: Terminal,
        notes: Sequence[str],
        when_started: Callable[[], None],
    ) -> None:
        self._project = project
        self._listener = listener
        self._terminal = terminal
        self._notes = notes
        self._when_started = when_started
        self._told = ""  # what keeps the project from loading

    def started(self, about: str, error: str) -> None:
        """Print the banner, when the first worker is about to accept."""
        self._when_started()
        notes = [*self._notes, "Saving a file reloads the page. Ctrl-C stops."]
        about = "" if error else about
        self._terminal.say(banner(self._project, self._listener, about, notes))
        self._tell_error(error)

    def reloaded(self, because: Sequence[str], seconds: float, error: str) -> None:
        """Print what was reloaded, or what prevented it, as another worker is about to accept."""
        self._tell_error(error)
        if because and not error:
            more = f" and {len(because) - 1} more" if len(because) > 1 else ""
            first = path_in_project(because[0], self._project.root)
            self._terminal.event(f"reloaded {first}{more} in {seconds:.2f} s")

    def died(self, code: int | None) -> None:
        """Report that the serving process ended by itself."""
        self._terminal.event(f"the serving process {how_it_ended(code)}; another one takes over")

    def warned(self, text: str, sentence: str) -> None:
        """Print what the checks found, unless it keeps the project from loading: that was shown.

        Args:
            text: The line to print.
            sentence: What is wrong and what to do, as the error of a load says it too.
        """
        if _one_line(sentence) not in self._told:
            self._terminal.say(f"{self._terminal.styled('warning:', 'warning')} {text}")

    def _tell_error(self, error: str) -> None:
        self._told = _one_line(error)
        if not error:
            return
        is_there = self._project.root.is_dir()
        awaited = "you to save a fix" if is_there else "the directory to come back"
        first, *others = error.split("\n")
        first = self._terminal.styled(first, "error")
        self._terminal.say("\n".join([first, *others, f"Waiting for {awaited}."]))


def banner(project: Project, listener: socket.socket, about: str, notes: Sequence[str]) -> str:
    """Return where a project is served, what it is, and what else there is to say."""
    details = f"   ({about}, debug)" if about else ""
    return "\n".join([f"{project.name} is at {url_of(listener)}{details}", *notes, ""])


def _one_line(text: str) -> str:
    return " ".join(text.split())
