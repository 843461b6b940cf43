"""A process that loads the project once and serves it until the next edit.

The main thread imports, so that a module may do there what only a main thread can. A second one
listens to the supervisor, a third accepts connections, and each connection has its own.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from mtvgen.devserver.compiled_templates import keep_compiled
from mtvgen.devserver.http.server import Server
from mtvgen.devserver.pages.event_streams import STREAM_HEAD
from mtvgen.devserver.pages.middleware import DevelopmentPages
from mtvgen.devserver.pages.placeholder_apps import BrokenProject, HangingProject
from mtvgen.devserver.pages.visitors import may_follow
from mtvgen.devserver.processes.channel import Channel, Message
from mtvgen.devserver.processes.exit import end_process
from mtvgen.devserver.processes.made_database import report_database
from mtvgen.devserver.processes.site import Site
from mtvgen.devserver.processes.throwaway_key import NOTICE, provide_key
from mtvgen.devserver.terminal import log_handler
from mtvgen.devserver.terminal.terminal import Terminal
from mtvgen.devserver.urls import LIVE_EVENTS
from mtvgen.project.database import find_database, is_database_missing
from mtvgen.project.imported_modules import (
    installed_names,
    modules_since,
    newest_module,
    project_modules,
)
from mtvgen.project.loading import (
    ImportFailed,
    Project,
    ProjectError,
    load_application,
    unwrap_application,
)
from mtvgen.project.source_imports import compiled_on_import
from mtvgen.project.tracebacks import place_and_sentence, users_traceback, whole_traceback

if TYPE_CHECKING:
    from mtvgen.devserver.holding.modules import HeldModules


def run(
    channel: Channel,
    site: Site,
    worker_class: type[Worker] | None = None,
    held: HeldModules | None = None,
) -> None:
    """Be a worker, in a process that was made for it.

    Args:
        channel: To the supervisor.
        site: What to serve.
        worker_class: A worker of another kind.
        held: The modules of the project that are imported already.
    """
    signal.set_wakeup_fd(-1)
    faulthandler.enable()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # print() of a view
    (worker_class or Worker)(channel, site).run(held)


class Worker:
    """The process's state; its methods run in two threads, which the comments name."""

    def __init__(self, channel: Channel, site: Site) -> None:
        self._channel = channel
        self._site = site
        self._terminal = Terminal(site.root, all_frames=site.all_frames)
        log_handler.show_log_in(self._terminal)
        self._hanging = HangingProject(threading.main_thread())
        self._pages = DevelopmentPages(self._hanging, site.root, problems_directory=site.directory)
        self._server = Server(
            self._pages,
            site.listener,
            self._terminal,
            handover=site.handover,
            raw_handlers={LIVE_EVENTS: self._begin_stream},
        )
        self._accepting = threading.Thread(target=self._server.serve, daemon=True)
        self._orders: SimpleQueue[Message] = SimpleQueue()
        self._ended = threading.Event()
        self._changed: Sequence[str] = ()
        self._newest_before = newest_module()
        self._modules: Mapping[str, object] = {}

    def run(self, held: HeldModules | None = None) -> None:
        """Load and serve, until the supervisor says stop and the last request is answered.

        Args:
            held: The modules of the project that are imported already.
        """
        threading.Thread(target=self._listen, daemon=True).start()
        order = self._orders.get()
        if held is not None:
            held.forget(self._changed)
        failure = order["error"] or ""
        if not failure:
            application, failure = self._load(order["because"], is_first=order["is_first"])
        else:
            application = BrokenProject(ProjectError(failure))
        if held is not None and not (held.fit() and (failure or held.are_needed())):
            self._channel.send("misfit", again=held.fit())
            self._ended.wait()  # another worker is started, and this one killed
        self._pages.application = application
        gc.enable()  # off in the fork server (https://docs.python.org/3/library/gc.html#gc.freeze)
        modules = self._modules
        self._channel.send(
            "loaded",
            error=failure,
            about="" if failure else describe_application(application, self._site.root),
            names=installed_names(self._site.root, modules),
            modules=project_modules(self._site.root, modules),
            files=compiled_on_import(),
        )
        # Making a database takes Alembic, which no later worker needs.
        self._newest_before = newest_module()
        self._ended.wait()
        self._server.wait(30)  # the supervisor loses its patience first where there is a reason
        self._terminal.flush()
        end_process(0)

    def _load(self, because: Sequence[str], *, is_first: bool) -> tuple[Any, str]:
        """Return the application, or what stands in for it and why.

        Args:
            because: The files whose change made this worker necessary.
            is_first: No worker has loaded the project yet, so its database was not looked at.
        """
        project = Project(self._site.root)
        has_throwaway_key = provide_key(project.root)
        if has_throwaway_key and any(Path(file).name == ".env" for file in because):
            self._terminal.say(NOTICE)  # it was deleted; at the start `runserver` itself says so
        try:
            try:
                application = load_application(project)
            finally:
                self._modules = modules_since(self._newest_before)
            if is_first or _concerns_the_database(because) or is_database_missing(project):
                report_database(project, self._terminal.say)
            keep_compiled(application, self._site.directory)
            return application, ""
        except ImportFailed as failed:
            cause = failed.__cause__ or failed
            return BrokenProject(cause), self._explain(cause)
        except ProjectError as error:
            return BrokenProject(error), str(error)
        except BaseException as error:  # a KeyboardInterrupt here is the project's own
            return BrokenProject(error), self._explain(error)

    def _explain(self, error: BaseException) -> str:
        """Return what keeps the project from loading, for the terminal."""
        if self._site.all_frames:
            return whole_traceback(error)
        if isinstance(error, SyntaxError):
            return users_traceback(error, self._site.root)
        return place_and_sentence(error, self._site.root)

    def _listen(self) -> None:
        """Listen to the supervisor (in the control thread)."""
        while True:
            for message in self._channel.receive():
                self._obey(message)
            if not self._channel.open:  # the supervisor has gone
                os._exit(0)

    def _obey(self, message: Message) -> None:
        match message["do"]:
            case "changed":
                self._changed = message["files"]
            case "begin":
                self._channel.send("begun")
                self._orders.put(message)
            case "accept":
                self._pages.generation = message["generation"]
                self._accepting.start()
            case "generation":
                self._pages.generation = message["generation"]
            case "hanging":
                self._hanging.since = time.monotonic()
                self._channel.send("hangs")
            case "stop":
                self._stop_accepting()
                self._channel.send("stopped")
                # What the requests have imported, such as the driver of a database.
                modules = modules_since(self._newest_before)
                names = installed_names(self._site.root, modules)
                self._channel.send("learned", names=names)
                self._ended.set()

    def _stop_accepting(self) -> None:
        self._server.stop()
        if self._accepting.is_alive():
            self._accepting.join()

    def _begin_stream(self, client: socket.socket, environ: Mapping[str, Any]) -> bool:
        """Answer a page that wants to hear of changes (in its connection's thread)."""
        if not may_follow(environ):
            return False
        client.sendall(STREAM_HEAD)
        self._give_stream(client)
        return True

    def _give_stream(self, client: socket.socket) -> None:
        """Let the supervisor keep an event stream, which outlives this process."""
        self._channel.send("stream", descriptor=client.fileno())


def _concerns_the_database(because: Sequence[str]) -> bool:
    """Return whether its state may have changed: models or migrations did."""
    return any({"models", "migrations"} & set(Path(path).parts) for path in because)


def describe_application(application: Any, root: Path) -> str:
    """`5 routes, sqlite db.sqlite3` of an application that is loaded."""
    itself = unwrap_application(application)
    routes = itself.router.routes if itself is not None else ()
    counted = f"{len(routes)} route{'' if len(routes) == 1 else 's'}"
    project_database = find_database(Project(root)) if "models" in sys.modules else None
    return f"{counted}, {project_database.database}" if project_database else counted
