"""What the client says of documents, files and folders: each is read, and its project checked."""

from __future__ import annotations

from mtvgen.lsp.checking import CHECK_SECONDS, REST_SECONDS, Checking
from mtvgen.lsp.protocol.rpc import Handler, Params
from mtvgen.lsp.workspace.documents import Document, Documents
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.open_texts import LARGE
from mtvgen.lsp.workspace.projects import Projects
from mtvgen.lsp.workspace.uris import path_of


class Syncing:
    """Takes these notifications.

    Args:
        documents: The open documents.
        projects: The projects.
        checking: Checks them.
    """

    def __init__(self, documents: Documents, projects: Projects, checking: Checking) -> None:
        self._documents = documents
        self._projects = projects
        self._checking = checking

    def methods(self) -> dict[str, Handler]:
        """Return what takes each notification."""
        return {
            "textDocument/didOpen": self._open,
            "textDocument/didChange": self._change,
            "textDocument/didSave": self._save,
            "textDocument/didClose": self._close,
            "workspace/didChangeWatchedFiles": self._see_files,
            "workspace/didChangeWorkspaceFolders": self._change_folders,
        }

    def add_folder(self, uri: str) -> None:
        """Take a folder into the workspace."""
        path = path_of(uri)
        if path is not None and path.is_dir():
            self._documents.links.learn_folder(uri)
            self._projects.add_below(path.resolve())

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
            self._checking.begin()
            engine.texts.put(document.path, document.text, typed=typed)
            seconds = REST_SECONDS if len(document.text) > LARGE else CHECK_SECONDS
            self._checking.schedule(engine, delay=seconds if typed else 0)

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
        self._checking.begin()
        for engine in engines:
            if engine is not None:
                self._look_again(engine)

    def _look_again(self, engine: Engine) -> None:
        engine.see_save()
        self._checking.schedule(engine, delay=0)

    def _change_folders(self, params: Params) -> None:
        for folder in params["event"]["added"]:
            self.add_folder(folder["uri"])
        for folder in params["event"]["removed"]:
            self._documents.links.forget_folder(folder["uri"])
            path = path_of(folder["uri"])
            open_files = [document.path for document in self._documents]
            for engine in self._projects.leave(path.resolve(), open_files) if path else ():
                self._checking.end(engine)
        self._checking.begin()
