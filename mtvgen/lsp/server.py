"""The server: one loop that waits for the client, for imports and for the time to check."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from mtvgen import __version__
from mtvgen.lsp.diagnostics import Diagnostics
from mtvgen.lsp.features.asking import Asking
from mtvgen.lsp.features.editing import EditingRequests
from mtvgen.lsp.features.looking import LookingRequests
from mtvgen.lsp.features.navigating import NavigatingRequests
from mtvgen.lsp.protocol.connection import Connection, take_standard_streams
from mtvgen.lsp.protocol.log import log, log_exception
from mtvgen.lsp.protocol.positions import Lines, agreed_encoding
from mtvgen.lsp.protocol.rpc import (
    INVALID_REQUEST,
    NOT_INITIALIZED,
    Dispatcher,
    Handler,
    Params,
    RequestError,
)
from mtvgen.lsp.workspace.documents import Document, Documents
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.projects import Projects
from mtvgen.lsp.workspace.uris import path_of, uri_of

CHECK_SECONDS = 0.05  # without an edit, before the checks run
FIRST_SECONDS = 3.0  # that the first import may take before the checks run without it
REST_SECONDS = 0.3  # without an edit, before a half-typed text is called a mistake
_CLIENT_SECONDS = 2.0  # between two looks whether the client's process is there
_MOST_INTERRUPTIONS = 5  # of one run; the next one is finished

_INCREMENTAL = 2
_TEMPLATE_FILES = [{"scheme": "file", "pattern": {"glob": "**/templates/**"}}]


class Interrupted(BaseException):
    """Ends a run of the checks, because the client has said something."""


def serve() -> int:
    """Serve the client on stdin and stdout until it ends; returns the exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), _end)
    return Server(take_standard_streams()).run()


def _end(number: int, frame: FrameType | None) -> None:
    """End by a signal, but not without ending an import that is under way."""
    sys.exit(128 + number)


class Server:
    """One client, its documents and its projects.

    Args:
        connection: The client.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._documents = Documents()
        self._projects = Projects()
        self._asking = Asking(
            self._documents,
            lambda: iter(self._projects),
            self._projects.around,
            self._check_now,
            self._lines_of,
            lambda: self._rpc.stop_if_cancelled(),
            lambda method, params: self._rpc.notify(method, params),
        )
        self._features = (
            EditingRequests(self._asking),
            LookingRequests(self._asking),
            NavigatingRequests(self._asking),
        )
        self._rpc = Dispatcher(connection, self._methods(), self._allow)
        self._diagnostics = Diagnostics(
            lambda params: self._rpc.notify("textDocument/publishDiagnostics", params)
        )
        self._is_initialized = self._is_shut_down = self._is_over = False
        self._client: int | None = None
        self._watches = False
        # When to do what: check a project, call its half-typed texts mistakes.
        self._check_at: dict[Engine, float] = {}
        self._rest_at: dict[Engine, float] = {}
        self._interruptions = 0

    def run(self) -> int:
        """Serve until the client says so, or is gone; returns the exit code."""
        connection = self._connection
        try:
            while not self._is_over and not connection.is_closed:
                self._wait()
                while connection.bodies and not self._is_over:
                    self._rpc.handle_next()
                self._do_what_is_due()
            connection.flush()
        finally:
            for engine in self._projects:
                engine.stop()
        if connection.fault:
            log(f"the client has sent {connection.fault}.")
        return 0 if self._is_shut_down and not connection.fault else 1

    def _methods(self) -> dict[str, Handler]:
        return {
            "initialize": self._initialize,
            "initialized": self._begin,
            "shutdown": self._shut_down,
            "exit": self._exit,
            "textDocument/didOpen": self._open,
            "textDocument/didChange": self._change,
            "textDocument/didSave": self._save,
            "textDocument/didClose": self._close,
            "workspace/didChangeWatchedFiles": self._see_files,
            "workspace/didChangeWorkspaceFolders": self._change_folders,
            # What many clients tell every server, and nothing follows from here.
            "workspace/didChangeConfiguration": _take_note,
            "window/workDoneProgress/cancel": _take_note,
            **{name: handler for one in self._features for name, handler in one.methods().items()},
        }

    # The loop

    def _wait(self) -> None:
        """Wait until there is something to read, to write or to do."""
        connection = self._connection
        loadings = {
            engine.loading.descriptor: engine for engine in self._projects if engine.loading
        }
        writing = [connection.writing] if connection.has_unsent else []
        readable, writable, _ = select.select(
            [connection.reading, *loadings], writing, [], self._patience()
        )
        if writable:
            connection.flush()
        if connection.reading in readable:
            connection.read()
        for descriptor in readable:
            engine = loadings.get(descriptor)
            if engine is not None and engine.hear():
                self._schedule(engine, delay=0)
        if self._client is not None and not _is_running(self._client):
            self._is_over = True

    def _patience(self) -> float:
        """Return for how long there is nothing to do but to listen, in seconds."""
        if self._connection.bodies:
            return 0
        deadlines = [*self._check_at.values(), *self._rest_at.values()]
        deadlines += [engine.loading.deadline for engine in self._projects if engine.loading]
        patience = min(deadlines, default=float("inf")) - time.monotonic()
        return max(0.0, min(patience, _CLIENT_SECONDS))

    def _do_what_is_due(self) -> None:
        now = time.monotonic()
        for engine in self._projects:
            if engine.loading is not None and engine.loading.deadline <= now:
                engine.give_up_import()
                self._schedule(engine, delay=0)
        for engine, at in list(self._check_at.items()):
            if at <= now:
                self._check(engine, at_rest=False)
        for engine, at in list(self._rest_at.items()):
            if at > now or engine in self._check_at:
                continue
            if not engine.is_settled:
                self._check(engine, at_rest=True)
            elif not self._connection.has_input():
                self._prepare(engine)

    def _prepare(self, engine: Engine) -> None:
        try:
            self._safely(partial(engine.prepare, self._give_way))
        except Interrupted:
            return  # it is still due
        self._rest_at.pop(engine)

    def _give_way(self) -> None:
        if self._connection.has_input():
            raise Interrupted

    def _schedule(self, engine: Engine, *, delay: float = CHECK_SECONDS) -> None:
        now = time.monotonic()
        is_first = engine.loading is not None and not engine.has_facts
        self._check_at[engine] = now + (FIRST_SECONDS if is_first else delay)
        self._rest_at[engine] = now + max(delay, REST_SECONDS)

    def _check(self, engine: Engine, *, at_rest: bool) -> None:
        """Check a project, and show what is found, unless the client says something first."""
        try:
            engine.check(self._listen, at_rest=at_rest, show=partial(self._show_first, engine))
        except Interrupted:
            # What follows a preview may be put off for as long as somebody types.
            self._interruptions = 0 if engine.is_previewed else self._interruptions + 1
            return  # it is still due
        except Exception:
            log_exception()
            engine.is_settled = True
        self._interruptions = 0
        self._check_at.pop(engine, None)
        self._safely(partial(self._show, engine))

    def _show_first(self, engine: Engine) -> None:
        """Show what is known of the open files; the rest gives way to the client again."""
        self._interruptions = 0
        self._safely(partial(self._show, engine))

    def _show(self, engine: Engine) -> None:
        self._diagnostics.show(engine.root, engine.problems, self._lines_of)

    def _safely(self, action: Callable[[], None]) -> None:
        """Do something that nobody has asked for; a bug of ours in it is logged, no more."""
        try:
            action()
        except Exception:
            log_exception()

    def _check_now(self, engine: Engine) -> None:
        """Check a project at once, if it was changed since the last time."""
        if engine in self._check_at:
            engine.check(self._rpc.stop_if_cancelled)

    def _listen(self) -> None:
        """Give way to the client, between two steps of a run."""
        if self._interruptions < _MOST_INTERRUPTIONS and self._connection.has_input():
            raise Interrupted

    def _lines_of(self, path: Path) -> tuple[str, Lines, int | None]:
        document = self._documents.at(path)
        if document is not None:
            return document.uri, document.lines, document.version
        try:
            text = path.read_text("utf-8-sig", errors="replace")
        except OSError:
            text = ""
        return uri_of(path), Lines(text, self._documents.encoding), None

    # Its life

    def _allow(self, method: str) -> None:
        if self._is_shut_down and method != "exit":
            raise RequestError(INVALID_REQUEST, "the server was shut down")
        if method == "initialize" and self._is_initialized:
            raise RequestError(INVALID_REQUEST, "the server was initialized already")
        if not self._is_initialized and method not in ("initialize", "exit"):
            raise RequestError(NOT_INITIALIZED, "initialize comes first")

    def _initialize(self, params: Params) -> dict[str, Any]:
        capabilities = params.get("capabilities") or {}
        general = capabilities.get("general") or {}
        encoding = agreed_encoding(general.get("positionEncodings") or [])
        watching = (capabilities.get("workspace") or {}).get("didChangeWatchedFiles") or {}
        self._documents.encoding = encoding
        self._watches = bool(watching.get("dynamicRegistration"))
        changes = (capabilities.get("workspace") or {}).get("workspaceEdit") or {}
        self._asking.creates_files = "create" in (changes.get("resourceOperations") or [])
        number = params.get("processId")
        self._client = number if isinstance(number, int) else None
        for folder in _folders(params):
            self._projects.add_below(folder)
        self._is_initialized = True
        return {
            "capabilities": {
                "positionEncoding": encoding,
                "textDocumentSync": {
                    "openClose": True,
                    "change": _INCREMENTAL,
                    "save": {"includeText": False},
                },
                **{
                    name: what
                    for one in self._features
                    for name, what in one.capabilities().items()
                },
                "workspace": {
                    "workspaceFolders": {"supported": True, "changeNotifications": True},
                    "fileOperations": {"willRename": {"filters": _TEMPLATE_FILES}},
                },
            },
            "serverInfo": {"name": "mtvgen", "version": __version__},
        }

    def _begin(self, params: Params) -> None:
        if self._watches:
            watchers = [{"globPattern": "**/*"}]
            method = "workspace/didChangeWatchedFiles"
            registration = {
                "id": method,
                "method": method,
                "registerOptions": {"watchers": watchers},
            }
            self._rpc.ask("client/registerCapability", {"registrations": [registration]})
        self._begin_engines()

    def _begin_engines(self) -> None:
        """Begin to check the projects that were found since the last time."""
        for engine in self._projects:
            if engine.cache.sources is None:
                engine.begin()
                self._schedule(engine, delay=FIRST_SECONDS)

    def _shut_down(self, params: Params) -> None:
        self._is_shut_down = True
        for engine in self._projects:
            engine.stop()

    def _exit(self, params: Params) -> None:
        self._is_over = True

    # Documents

    def _open(self, params: Params) -> None:
        document = self._documents.open(params["textDocument"])
        if document is not None:
            self._read(document, typed=False)

    def _change(self, params: Params) -> None:
        document = self._documents.change(params["textDocument"], params["contentChanges"])
        if document is not None:
            self._read(document, typed=True)

    def _read(self, document: Document, *, typed: bool) -> None:
        engine = self._projects.around(document.path)
        if engine is not None:
            self._begin_engines()
            engine.texts.put(document.path, document.text, typed=typed)
            self._schedule(engine, delay=CHECK_SECONDS if typed else 0)

    def _save(self, params: Params) -> None:
        document = self._documents.get(params["textDocument"]["uri"])
        if document is not None and (engine := self._projects.around(document.path)):
            engine.texts.settle(document.path)
            self._look_again(engine)

    def _close(self, params: Params) -> None:
        document = self._documents.close(params["textDocument"]["uri"])
        if document is not None and (engine := self._projects.around(document.path)):
            engine.texts.forget(document.path)
            self._look_again(engine)

    def _see_files(self, params: Params) -> None:
        """Look at the disk again: files were written, made or deleted."""
        self._projects.forget_places()
        paths = [path_of(change["uri"]) for change in params["changes"]]
        engines = {self._projects.around(path) for path in paths if path is not None}
        for engine in engines:
            if engine is not None:
                self._look_again(engine)

    def _look_again(self, engine: Engine) -> None:
        engine.see_save()
        self._schedule(engine, delay=0)

    def _change_folders(self, params: Params) -> None:
        for folder in params["event"]["added"]:
            path = path_of(folder["uri"])
            if path is not None:
                self._projects.add_below(path.resolve())
        self._begin_engines()


def _take_note(params: Params) -> None:
    """Do nothing."""


def _folders(params: Params) -> list[Path]:
    """Return the folders of the workspace."""
    uris = [folder["uri"] for folder in params.get("workspaceFolders") or []]
    if not uris and params.get("rootUri"):
        uris = [params["rootUri"]]
    paths = [path_of(uri) for uri in uris]
    return [path.resolve() for path in paths if path is not None and path.is_dir()]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
