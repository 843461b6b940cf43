"""The server: one loop that waits for the client, for imports and for the time to check."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from mtvgen import __version__
from mtvgen.lsp.checking import Checking
from mtvgen.lsp.diagnostics import Diagnostics
from mtvgen.lsp.features.asking import Asking
from mtvgen.lsp.features.editing import EditingRequests
from mtvgen.lsp.features.looking import LookingRequests
from mtvgen.lsp.features.navigating import NavigatingRequests
from mtvgen.lsp.garbage import Garbage
from mtvgen.lsp.protocol.connection import Connection, take_standard_streams
from mtvgen.lsp.protocol.log import log
from mtvgen.lsp.protocol.positions import Lines, agreed_encoding
from mtvgen.lsp.protocol.rpc import (
    INVALID_REQUEST,
    NOT_INITIALIZED,
    Dispatcher,
    Handler,
    Params,
    RequestError,
)
from mtvgen.lsp.syncing import Syncing
from mtvgen.lsp.workspace.documents import Documents, text_on_disk
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.projects import Projects

_CLIENT_SECONDS = 2.0  # between two looks whether the client's process is there

_INCREMENTAL = 2
_TEMPLATE_FILES = [{"scheme": "file", "pattern": {"glob": "**/templates/**"}}]


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
        self._garbage = Garbage()
        self._asking = Asking(
            self._documents,
            lambda: iter(self._projects),
            self._projects.around,
            lambda engine: self._checking.check_now(engine),
            self._lines_of,
            lambda: self._rpc.stop_if_cancelled(),
            lambda method, params: self._rpc.notify(method, params),
        )
        self._features = (
            EditingRequests(self._asking),
            LookingRequests(self._asking),
            NavigatingRequests(self._asking),
        )
        self._checking = Checking(
            self._projects,
            connection.has_input,
            lambda: self._rpc.stop_if_cancelled(),
            self._show,
            self._garbage,
        )
        self._syncing = Syncing(self._documents, self._projects, self._checking)
        self._rpc = Dispatcher(connection, self._methods(), self._allow)
        self._diagnostics = Diagnostics(
            lambda params: self._rpc.notify("textDocument/publishDiagnostics", params)
        )
        self._is_initialized = self._is_shut_down = self._is_over = False
        self._client: int | None = None
        self._watches = False

    def run(self) -> int:
        """Serve until the client says so, or is gone; returns the exit code."""
        connection = self._connection
        try:
            while not self._is_over and not connection.is_closed:
                self._wait()
                while connection.bodies and not self._is_over:
                    self._rpc.handle_next()
                    self._garbage.note_work()
                self._checking.do_what_is_due()
                self._garbage.collect_when_idle()
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
            **self._syncing.methods(),
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
                self._checking.schedule(engine, delay=0)
        if self._client is not None and not _is_running(self._client):
            self._is_over = True

    def _patience(self) -> float:
        """Return for how long there is nothing to do but to listen, in seconds."""
        if self._connection.bodies:
            return 0
        next_at = min(self._checking.next_at(), self._garbage.all_at)
        patience = next_at - time.monotonic()
        return max(0.0, min(patience, _CLIENT_SECONDS))

    def _show(self, engine: Engine) -> None:
        self._diagnostics.show(engine.root, engine.problems, self._lines_of)

    def _lines_of(self, path: Path) -> tuple[str, Lines, int | None]:
        document = self._documents.at(path)
        if document is not None:
            return document.uri, document.lines, document.version
        return (
            self._documents.links.uri_of(path),
            Lines(text_on_disk(path), self._documents.encoding),
            None,
        )

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
        operations = changes.get("resourceOperations") or []
        self._asking.takes_documents = bool(changes.get("documentChanges") or operations)
        self._asking.creates_files = "create" in operations
        self._asking.asks_about_edits = changes.get("changeAnnotationSupport") is not None
        number = params.get("processId")
        self._client = number if isinstance(number, int) else None
        for uri in _folders(params):
            self._syncing.add_folder(uri)
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
        self._checking.begin()

    def _shut_down(self, params: Params) -> None:
        self._is_shut_down = True
        for engine in self._projects:
            engine.stop()

    def _exit(self, params: Params) -> None:
        self._is_over = True


def _take_note(params: Params) -> None:
    """Do nothing."""


def _folders(params: Params) -> list[str]:
    """Return the URIs of the folders of the workspace."""
    uris = [folder["uri"] for folder in params.get("workspaceFolders") or []]
    root = params.get("rootUri")
    return uris or ([root] if root else [])


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):  # a number that no process can have
        return False
    except OSError:
        return True
    return True
