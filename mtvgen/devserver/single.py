"""The server as one process, without a supervisor: `mtvgen runserver --no-reload`."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from mtvgen.devserver.http.server import Server
from mtvgen.devserver.pages.middleware import DevelopmentPages
from mtvgen.devserver.processes.exit import end_process
from mtvgen.devserver.processes.worker import describe_application
from mtvgen.devserver.terminal import log_handler
from mtvgen.devserver.terminal.announcements import banner
from mtvgen.devserver.terminal.terminal import Terminal
from mtvgen.project.database import report_database_state
from mtvgen.project.loading import Project, load_application

DRAIN_SECONDS = 1.0  # for the requests in hand when the server is asked to end


def serve(
    project: Project, listener: socket.socket, *, all_frames: bool = False, notes: list[str]
) -> int:
    """Serve until a signal ends it; the exit code.

    Raises:
        ProjectError: The project can't be loaded.
    """
    application = load_application(project, all_frames=all_frames)
    terminal = Terminal(project.root, all_frames=all_frames)
    log_handler.show_log_in(terminal)
    report_database_state(project, terminal.say)
    pages = DevelopmentPages(application, project.root, live=False)
    server = Server(pages, listener, terminal)
    received = _end_at_a_signal(server)
    about = describe_application(application, project.root)
    terminal.say(banner(project, listener, about, [*notes, "Ctrl-C stops."]))
    server.serve()
    terminal.end()
    listener.close()
    server.wait(DRAIN_SECONDS)
    terminal.flush()
    end_process(130 if received == [signal.SIGINT] else 0)


def _end_at_a_signal(server: Server) -> list[int]:
    """Stop the server at the first signal and end the process at the second; those that came."""
    received: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        if received:
            end_process(128 + number, seconds=0)
        received.append(number)
        server.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return received
